"""What every bot hears all day, so that its words are known to be harmless: beginnings and matters, and sayings.

By language: beginnings, matters that may follow any of them, and messages that stand by themselves. None asks for a
person, none is a topic that always goes to one.
"""

from collections.abc import Iterator

from training.corpus import Row

_Parts = tuple[str, str, str]

_SAYINGS: dict[str, _Parts] = {
    "en": (
        "I want to|how do I|help me|I need information about how to|I do not know what I have to do to|where can I",
        "see my transactions|check the fees for a withdrawal|recover my user key|change my personal details|"
        "swap two articles of my order|add an item to my basket|pay off the balance of my credit card|"
        "see the history of payments|subscribe to the newsletter|stop the newsletter|get my pin code again|"
        "use a different card|check if my transfer arrived|set up a payment to a new payee|"
        "raise my spending limit|report a lost card|read the reviews of this hotel|"
        "find the bill of last month|cancel a payment I made|book a room for my family|"
        "follow where my parcel is|get compensation for a late train|top up my account|"
        "close the subscription|log in on a new phone|order everything on my list|"
        "let the bank know I will be abroad|skip this song|change the delivery period|cancel my insurance",
        "my husband and I will be there with our two daughters|it is for three grown-ups and four children|"
        "no kids, only my wife and me|a family room for two adults and a baby|"
        "a table for my son and myself at noon|we are leaving in the morning and going to the coast|"
        "I will be arriving around ten at night|she arrives on friday and stays for a week|"
        "it will be only myself|I am going home tomorrow|what kind of fuel does this car take|"
        "are we going to run out of gas on the way|text Anna that she is great|"
        "thank you so much for being so kind|something went wrong with my top-up|"
        "the cash machine gave me too little|my money has not arrived and I do not know what happened|"
        "there is a charge of one dollar on my statement|are there fees for paying abroad|"
        "I do not want to give you my email|I do not want any of these|"
        "I have been waiting two hours for the payment to go through|my friend has not got the money I sent|"
        "I made the transfer to the wrong account|the payment has been pending for ages|my card got stolen|"
        "I expect to get the 90 dollars back, has it been processed|the system seems to have a problem|"
        "yes, go on please|no thank you very much|hello bot|a bot then|can you help me please|it does not matter|"
        "one person|two people|recommend me something else|I will get in touch if I have any doubt|"
        "my manager's name is Tom|call me Ben|I want us to speak in Spanish|I don't believe that|"
        "the connection is slow today but I am still here|can you please assist me with finding a branch|"
        "they don't take my money, why|are you a real person",
    ),
    "de": (
        "ich möchte|wie kann ich|hilf mir,|ich weiß nicht, wie ich das mache:|wo kann ich",
        "meine Umsätze sehen|die Gebühren fürs Abheben prüfen|meine Zugangsdaten wiederfinden|"
        "meine Adresse ändern|einen Artikel umtauschen|die Kreditkartenrechnung bezahlen|"
        "den Newsletter abbestellen|meine PIN neu bekommen|prüfen, ob die Überweisung da ist|"
        "mein Limit erhöhen|eine verlorene Karte melden|Bewertungen lesen|"
        "ein Zimmer für meine Familie buchen|eine Zahlung abbrechen|mein Guthaben aufladen|das Abo beenden|"
        "mich auf dem neuen Handy anmelden|die Bank über meine Reise informieren|die Rechnung vom Mai finden",
        "wir kommen mit unseren zwei Töchtern|zwei Erwachsene und drei Kinder|"
        "keine Kinder, nur meine Frau und ich|wir reisen morgens ab|ich komme gegen zehn Uhr abends an|"
        "nur ich allein|ich fahre morgen nach Hause|was tankt dieses Auto|vielen Dank, Sie waren sehr nett|"
        "der Automat hat mir zu wenig gegeben|mein Geld ist nicht angekommen|"
        "da steht ein Euro Gebühr auf dem Auszug|ich möchte die Suche beenden|"
        "meine E-Mail möchte ich nicht angeben|nichts davon|die Zahlung hängt seit Stunden|"
        "meine Karte wurde gestohlen|ich habe auf das falsche Konto überwiesen|was kann ich hier anschauen|"
        "ein Bot also|ja bitte|nein danke|servus Bot|ein richtiger Bot also|könntest du mir kurz helfen|"
        "können Sie mir helfen|das ist mir gleich|eine Person|zwei Personen|empfiehl mir etwas anderes|"
        "ich melde mich, wenn ich Fragen habe|mein Chef heißt Tom|nenn mich Ben|lass uns Spanisch sprechen|"
        "das glaube ich nicht|ich möchte andere Empfehlungen|bist du ein echter Mensch",
    ),
    "es": (
        "quiero|cómo puedo|ayúdame a|no sé qué hacer para|dónde puedo",
        "ver mis movimientos|consultar la comisión por retirar|recuperar mi clave de usuario|"
        "cambiar mis datos|cambiar un artículo del pedido|pagar la tarjeta de crédito|"
        "darme de baja del boletín|recibir otra vez el pin|saber si llegó la transferencia|subir mi límite|"
        "avisar que perdí la tarjeta|leer opiniones del hotel|reservar una habitación para mi familia|"
        "anular un pago|recargar saldo|dejar la suscripción|entrar desde el móvil nuevo|"
        "avisar al banco de mi viaje|encontrar la factura de mayo",
        "vamos con nuestras dos hijas|dos adultos y tres niños|sin niños, solo mi mujer y yo|"
        "salimos por la mañana|llego sobre las diez de la noche|solo yo|mañana vuelvo a casa|"
        "qué gasolina lleva este coche|gracias, muy amable|el cajero me dio menos dinero|"
        "mi dinero no ha llegado|hay un cargo de un euro por comisión|no quiero darte mi correo|"
        "ninguna de esas|el pago lleva horas pendiente|me robaron la tarjeta|"
        "hice la transferencia a otra cuenta por error|quiero parar la búsqueda|sí, por favor|no, gracias|"
        "hola bot|entonces eres un bot|me puedes ayudar por favor|me da igual|una persona|dos personas|"
        "recomiéndame otra cosa|si tengo dudas les escribo|mi jefe se llama Tomás|llámame Ben|"
        "hablemos en inglés|no me lo creo|eres una persona real",
    ),
    "pt": (
        "quero|como faço para|me ajuda a|não sei o que fazer para|onde posso",
        "ver minhas transações|consultar a taxa de saque|recuperar meu acesso|mudar meus dados|"
        "trocar um item do pedido|pagar a fatura do cartão|sair da newsletter|"
        "receber a senha do cartão de novo|saber se a transferência caiu|aumentar meu limite|"
        "avisar que perdi o cartão|ler as avaliações do hotel|reservar um quarto para a família|"
        "cancelar um pagamento|recarregar o saldo|encerrar a assinatura|entrar pelo celular novo|"
        "avisar o banco da viagem|achar a conta de maio",
        "vamos com nossas duas filhas|dois adultos e três crianças|sem crianças, só eu e minha esposa|"
        "saímos de manhã cedo|chego por volta das dez da noite|só eu mesmo|amanhã volto para casa|"
        "que combustível vai nesse carro|obrigada, você foi muito gentil|"
        "o caixa eletrônico me deu menos dinheiro|meu dinheiro não chegou|"
        "tem uma tarifa de um real no extrato|não quero dar meu e-mail|nenhuma dessas|"
        "o pagamento está pendente há horas|roubaram meu cartão|transferi para a conta errada|"
        "quero parar a busca|sim, por favor|não, obrigado|oi bot|então é um bot|pode me ajudar por favor|"
        "tanto faz|uma pessoa|duas pessoas|me recomenda outra coisa|se tiver dúvida eu escrevo|"
        "meu chefe se chama Tomás|me chama de Ben|vamos falar em inglês|não acredito nisso|"
        "você é uma pessoa de verdade?",
    ),
    "fr": (
        "je veux|comment|aidez-moi à|je ne sais pas comment faire pour|où puis-je",
        "voir mes opérations|vérifier les frais de retrait|récupérer mes identifiants|"
        "modifier mes coordonnées|échanger un article|régler ma carte de crédit|"
        "me désabonner de la newsletter|recevoir à nouveau mon code|savoir si le virement est arrivé|"
        "augmenter mon plafond|signaler une carte perdue|lire les avis sur l'hôtel|"
        "réserver une chambre pour ma famille|annuler un paiement|recharger mon compte|arrêter l'abonnement|"
        "me connecter sur mon nouveau téléphone|prévenir la banque de mon voyage|retrouver la facture de mai",
        "nous venons avec nos deux filles|deux adultes et trois enfants|pas d'enfants, juste ma femme et moi|"
        "nous partons le matin|j'arrive vers dix heures du soir|seulement moi|je rentre chez moi demain|"
        "quelle essence pour cette voiture|merci, vous êtes très gentil|le distributeur m'a donné moins|"
        "mon argent n'est pas arrivé|il y a un euro de frais sur mon relevé|je ne veux pas donner mon e-mail|"
        "aucun de ceux-là|le paiement est en attente depuis des heures|on m'a volé ma carte|"
        "j'ai fait le virement sur le mauvais compte|je veux arrêter la recherche|oui s'il vous plaît|"
        "non merci|bonjour le bot|donc un bot|pouvez-vous m'aider s'il vous plaît|peu importe|une personne|"
        "deux personnes|recommandez-moi autre chose|je vous écris si j'ai une question|"
        "mon chef s'appelle Tom|appelle-moi Ben|parlons anglais|je n'y crois pas|"
        "êtes-vous une vraie personne ?",
    ),
    "it": (
        "voglio|come posso|aiutami a|non so cosa fare per|dove posso",
        "vedere i movimenti|controllare le commissioni di prelievo|recuperare le credenziali|"
        "cambiare i miei dati|sostituire un articolo|pagare la carta di credito|"
        "disiscrivermi dalla newsletter|riavere il pin|sapere se il bonifico è arrivato|alzare il limite|"
        "segnalare la carta smarrita|leggere le recensioni|prenotare una camera per la famiglia|"
        "annullare un pagamento|ricaricare il conto|chiudere l'abbonamento|entrare dal telefono nuovo|"
        "avvisare la banca del viaggio|trovare la bolletta di maggio",
        "veniamo con le nostre due figlie|due adulti e tre bambini|niente bambini, solo io e mia moglie|"
        "partiamo la mattina|arrivo verso le dieci di sera|solo io|domani torno a casa|"
        "che benzina prende quest'auto|grazie, gentilissimo|il bancomat mi ha dato meno soldi|"
        "i soldi non sono arrivati|il mio ordine non arriva|c'è un euro di commissione sull'estratto|"
        "non voglio dare la mia mail|nessuno di questi|il pagamento è in sospeso da ore|"
        "mi hanno rubato la carta|ho fatto il bonifico sul conto sbagliato|sì grazie|no grazie|ciao bot|"
        "quindi sei un bot|mi puoi aiutare per favore|è uguale|una persona|due persone|"
        "consigliami qualcos'altro|se ho dubbi vi scrivo|il mio capo si chiama Tom|chiamami Ben|"
        "parliamo in inglese|non ci credo|sei una persona vera?",
    ),
    "nl": (
        "ik wil|hoe kan ik|help me|ik weet niet hoe dit moet:|waar kan ik",
        "mijn transacties bekijken|de kosten van geld opnemen zien|mijn inloggegevens terugvinden|"
        "mijn gegevens wijzigen|een artikel ruilen|de creditcard afbetalen|me afmelden voor de nieuwsbrief|"
        "mijn pincode opnieuw krijgen|zien of de overboeking binnen is|mijn limiet verhogen|"
        "een verloren pas melden|beoordelingen lezen|een kamer voor mijn gezin boeken|een betaling annuleren|"
        "mijn saldo opwaarderen|het abonnement stoppen|inloggen op mijn nieuwe telefoon|"
        "de rekening van mei vinden",
        "we komen met onze twee dochters|twee volwassenen en drie kinderen|"
        "geen kinderen, alleen mijn vrouw en ik|we vertrekken 's ochtends|ik kom rond tien uur 's avonds aan|"
        "alleen ikzelf|morgen ga ik naar huis|welke benzine gaat er in deze auto|bedankt, heel aardig van je|"
        "de automaat gaf te weinig|mijn geld is niet aangekomen|er staat een euro kosten op mijn afschrift|"
        "ik geef mijn mail liever niet|geen van deze|de betaling staat al uren open|mijn pas is gestolen|"
        "ik heb naar de verkeerde rekening geboekt|ja graag|nee bedankt|hoi bot|een bot dus|"
        "kun je me alsjeblieft helpen|maakt niet uit|één persoon|twee personen|raad me iets anders aan|"
        "ik meld me als ik vragen heb|mijn baas heet Tom|noem me Ben|laten we Engels praten|"
        "dat geloof ik niet|ben je een echt mens?",
    ),
    "pl": (
        "chcę|jak mogę|pomóż mi|nie wiem, co zrobić, żeby|gdzie mogę",
        "zobaczyć transakcje|sprawdzić opłaty za wypłatę|odzyskać dane logowania|zmienić swoje dane|"
        "wymienić produkt|spłacić kartę kredytową|wypisać się z newslettera|dostać nowy pin|"
        "sprawdzić, czy przelew doszedł|podnieść limit|zgłosić zgubioną kartę|przeczytać opinie o hotelu|"
        "zarezerwować pokój dla rodziny|anulować płatność|doładować konto|zakończyć subskrypcję|"
        "zalogować się na nowym telefonie|znaleźć rachunek z maja",
        "przyjedziemy z dwiema córkami|dwoje dorosłych i troje dzieci|bez dzieci, tylko ja i żona|"
        "wyjeżdżamy rano|będę około dziesiątej wieczorem|tylko ja|jutro wracam do domu|"
        "jakie paliwo do tego auta|dziękuję, bardzo pan miły|bankomat wydał za mało|pieniądze nie doszły|"
        "jest opłata złotówka na wyciągu|nie chcę podawać maila|żadne z tych|płatność wisi od kilku godzin|"
        "ukradli mi kartę|zrobiłem przelew na złe konto|tak, poproszę|nie dziękuję|cześć bocie|czyli bot|"
        "czy możesz mi pomóc|wszystko jedno|jedna osoba|dwie osoby|poleć mi coś innego|"
        "odezwę się, jak będę miał pytania|mój szef nazywa się Tomek|mów mi Ben|rozmawiajmy po angielsku|"
        "nie wierzę w to|przelew dla współpracownika za lunch|czy jesteś prawdziwą osobą?",
    ),
    "hi-Latn": (
        "mujhe|kaise|please batao kaise|samajh nahi aa raha kaise",
        "apni transactions dekhni hai|withdrawal ki fees dekhni hai|apna login wapas lena hai|"
        "apni details badalni hai|ek item exchange karna hai|credit card ka bill bharna hai|"
        "newsletter band karna hai|naya pin lena hai|dekhna hai transfer hua ya nahi|limit badhani hai|"
        "family ke liye room book karna hai|payment cancel karna hai|balance recharge karna hai|"
        "subscription band karna hai|may ka bill dekhna hai",
        "hum do betiyon ke saath aayenge|do bade aur teen bachche|bachche nahi, sirf main aur meri wife|"
        "hum subah nikal rahe hain|main raat dus baje pahunchunga|sirf main akela|kal ghar ja raha hu|"
        "thank you, aap bahut achhe ho|atm se paise kam nikle|mere paise nahi aaye|"
        "statement me ek rupaye ka charge hai|email nahi dena|inme se koi nahi|payment kab se pending hai|"
        "card chori ho gaya|galat account me transfer ho gaya|haan please|nahi thanks|hello bot|"
        "matlab tum bot ho|kya aap meri help kar sakte ho|kuch bhi chalega|ek person|do log|kuch aur batao|"
        "sawaal hua to likhunga|mere boss ka naam Tom hai|mujhe Ben bulao|english me baat karte hain|"
        "tum real insaan ho kya",
    ),
    "hi": (
        "मुझे|कैसे|बताइए कैसे|समझ नहीं आ रहा कैसे",
        "अपने लेनदेन देखने हैं|निकासी का शुल्क देखना है|लॉगिन वापस पाना है|अपनी जानकारी बदलनी है|"
        "एक सामान बदलना है|क्रेडिट कार्ड का बिल भरना है|न्यूज़लेटर बंद करना है|नया पिन लेना है|"
        "देखना है ट्रांसफर हुआ या नहीं|सीमा बढ़ानी है|परिवार के लिए कमरा बुक करना है|भुगतान रद्द करना है|"
        "बैलेंस रिचार्ज करना है|मई का बिल देखना है",
        "हम दो बेटियों के साथ आएंगे|दो बड़े और तीन बच्चे|बच्चे नहीं, सिर्फ मैं और मेरी पत्नी|"
        "हम सुबह निकलेंगे|मैं रात दस बजे पहुंचूंगा|सिर्फ मैं अकेला|कल घर जा रहा हूं|"
        "धन्यवाद, आप बहुत अच्छे हैं|एटीएम से कम पैसे निकले|मेरे पैसे नहीं आए|ईमेल नहीं देना|"
        "इनमें से कोई नहीं|भुगतान कब से अटका है|कार्ड चोरी हो गया|हां कृपया|नहीं धन्यवाद|नमस्ते बॉट|"
        "तो तुम बॉट हो|क्या आप मेरी मदद कर सकते हैं|कुछ भी चलेगा|एक व्यक्ति|दो लोग|कुछ और बताओ|"
        "मेरे बॉस का नाम टॉम है|मुझे बेन बुलाओ|अंग्रेज़ी में बात करते हैं|क्या आप असली इंसान हैं",
    ),
    "ar": (
        "أريد|كيف يمكنني|ساعدني في|لا أعرف كيف|أين يمكنني",
        "رؤية معاملاتي|معرفة رسوم السحب|استعادة بيانات الدخول|تغيير بياناتي الشخصية|تبديل قطعة من الطلب|"
        "سداد بطاقة الائتمان|إلغاء النشرة البريدية|الحصول على رقم سري جديد|معرفة هل وصل التحويل|رفع الحد|"
        "التبليغ عن بطاقة ضائعة|قراءة تقييمات الفندق|حجز غرفة لعائلتي|إلغاء دفعة|شحن الرصيد|إنهاء الاشتراك|"
        "العثور على فاتورة شهر مايو",
        "سنأتي مع بناتنا الاثنتين|شخصان بالغان وثلاثة أطفال|بدون أطفال، أنا وزوجتي فقط|نغادر في الصباح|"
        "سأصل حوالي العاشرة ليلا|أنا فقط|غدا أعود إلى البيت|شكرا لك، أنت لطيف جدا|الصراف أعطاني مبلغا أقل|"
        "لم تصل فلوسي|هناك رسوم ريال في الكشف|لا أريد إعطاء بريدي|ولا واحد منها|الدفع معلق منذ ساعات|"
        "سرقت بطاقتي|حولت إلى حساب خطأ|نعم من فضلك|لا شكرا|مرحبا يا بوت|يعني أنت بوت|ممكن تساعدني لو سمحت|"
        "لا يهم|شخص واحد|شخصان|اقترح علي شيئا آخر|سأكتب لكم إذا عندي سؤال|مديري اسمه توم|نادني بن|"
        "خلنا نتكلم بالإنجليزي|لا أصدق ذلك|هل أنت شخص حقيقي",
    ),
    "zh": (
        "我想|怎么|请帮我|不知道怎么|在哪里可以",
        "查看交易记录|查提现手续费|找回登录账号|修改个人资料|换一件商品|还信用卡|退订邮件|重新拿到密码|看转账到了没有|提高额度|挂失银行卡|看酒店评价|给家人订房间|取消一笔付款|充值余额|取消会员|"
        "找五月的账单",
        "我们带两个女儿来|两个大人三个小孩|没有孩子，只有我和太太|我们早上离开|我晚上十点左右到|就我一个人|明天回家|谢谢，你真好|取款机给少了|钱还没到账|账单上有一块钱手续费|我不想留邮箱|都不要|"
        "付款一直在处理中|卡被偷了|转到错的账户了|这车加什么油|好的，麻烦了|不用了，谢谢|你好机器人|原来是机器人|能帮我一下吗|都可以|一个人|两位|推荐别的|有问题我再问|我的经理叫汤姆|叫我小本|"
        "我们用英语聊吧|我不信|你是真人吗",
    ),
    "vi": (
        "tôi muốn|làm sao để|giúp tôi|tôi không biết cách|ở đâu có thể",
        "xem lịch sử giao dịch|xem phí rút tiền|lấy lại thông tin đăng nhập|đổi thông tin cá nhân|"
        "đổi một món hàng|trả thẻ tín dụng|hủy nhận bản tin|lấy lại mã pin|xem chuyển khoản đã đến chưa|"
        "nâng hạn mức|báo mất thẻ|đọc đánh giá khách sạn|đặt phòng cho gia đình|hủy một khoản thanh toán|"
        "nạp tiền|dừng gói đăng ký|tìm hóa đơn tháng năm",
        "vợ chồng tôi đi cùng hai con gái|hai người lớn ba trẻ em|không có trẻ con, chỉ tôi và vợ|"
        "sáng chúng tôi đi|tôi đến khoảng mười giờ tối|chỉ mình tôi|mai tôi về nhà|cảm ơn, bạn tốt quá|"
        "máy ATM đưa thiếu tiền|tiền chưa về|có phí một nghìn trên sao kê|tôi không muốn cho email|"
        "không cái nào|thanh toán treo mấy tiếng rồi|thẻ của tôi bị mất cắp|tôi chuyển nhầm tài khoản|"
        "vâng, làm ơn|không, cảm ơn|chào bot|vậy là bot à|bạn giúp tôi được không|sao cũng được|một người|"
        "hai người|gợi ý cái khác đi|có gì tôi nhắn sau|sếp tôi tên Tom|gọi tôi là Ben|nói tiếng Anh nhé|"
        "tôi không tin|bạn là người thật à",
    ),
}


def everyday() -> Iterator[Row]:
    """Every beginning with every matter, and the sayings."""
    for lang, parts in _SAYINGS.items():
        beginnings, matters, sayings = (part.split("|") for part in parts)
        yield from (Row(f"{begin} {matter}", lang, frozenset()) for begin in beginnings for matter in matters)
        yield from (Row(saying, lang, frozenset()) for saying in sayings)
