"""Rows that differ in one thing: the same wish for a human, said as a wish or refused. Negation is learned from them.

By language: beginnings that wish, beginnings that refuse, what is wished for, and the same with a machine (to refuse a
machine is to ask for a human).
"""

from collections.abc import Iterator

from training.corpus import Row

_Parts = tuple[str, str, str, str]

_SAYINGS: dict[str, _Parts] = {
    "en": ("I want to|I would like to|can I|let me|I need to|please let me",
           "no need to|I don't need to|I don't want to|I'd rather not|there is no reason to|I do not have to|"
           "you don't have to let me|I never asked to|no, I did not ask to",
           "talk to a human|speak with an agent|be connected to a person|get transferred to a representative|"
           "be put through to your support team|have somebody call me|chat with your manager",
           "talk to a bot|chat with a machine|be answered by a robot"),
    "de": ("ich möchte|ich will jetzt|kann ich bitte|ich würde gern",
           "ich möchte nicht|ich muss nicht|ich brauche nicht|ich will auf keinen Fall|es ist unnötig,",
           "mit einem Mitarbeiter sprechen|mit einem Menschen reden|verbunden werden|"
           "zum Kundenservice durchgestellt werden|zurückgerufen werden",
           "mit einem Bot sprechen|mit einer Maschine reden"),
    "es": ("quiero|me gustaría|puedo|necesito",
           "no quiero|no necesito|no hace falta|prefiero no|no es necesario",
           "hablar con un agente|hablar con una persona|que me pasen con un asesor|que me llamen|"
           "que me atienda el encargado",
           "hablar con un robot|que me responda una máquina"),
    "pt": ("quero|gostaria de|posso|preciso",
           "não quero|não preciso|não é necessário|prefiro não|nem precisa",
           "falar com um atendente|falar com uma pessoa|ser transferido para um operador|que me liguem|"
           "conversar com o gerente",
           "falar com um robô|conversar com uma máquina"),
    "fr": ("je veux|je voudrais|puis-je|j'aimerais",
           "je ne veux pas|je n'ai pas besoin de|inutile de|je préfère ne pas|ce n'est pas la peine de",
           "parler à un conseiller|parler à quelqu'un|être mis en relation avec un agent|être rappelé|"
           "discuter avec un responsable",
           "parler à un robot|discuter avec une machine"),
    "it": ("voglio|vorrei|posso|ho bisogno di",
           "non voglio|non ho bisogno di|non serve|preferisco non|non è necessario",
           "parlare con un operatore|parlare con una persona|essere trasferito a un consulente|"
           "essere richiamato|sentire il responsabile",
           "parlare con un robot|chattare con una macchina"),
    "nl": ("ik wil|ik zou graag|mag ik|kan ik",
           "ik wil niet|ik hoef niet|het is niet nodig om|liever niet|ik heb er geen behoefte aan",
           "met een medewerker spreken|een mens spreken|doorverbonden worden|teruggebeld worden|je manager spreken",
           "met een bot praten|met een machine chatten"),
    "pl": ("chcę|chciałbym|czy mogę|muszę",
           "nie chcę|nie muszę|nie trzeba|wolałbym nie|nie ma potrzeby",
           "rozmawiać z konsultantem|porozmawiać z człowiekiem|być połączony z doradcą|"
           "łączyć mnie z pracownikiem|dzwonić do kierownika",
           "rozmawiać z botem|pisać z maszyną"),
    "hi-Latn": ("mujhe|please mujhe|abhi mujhe",
                "mujhe nahi chahiye,|koi zaroorat nahi,|nahi nahi, mujhe nahi",
                "agent se baat karni hai|kisi insaan se baat karni hai|customer care se baat karni hai|"
           "manager se milna hai",
                "bot se baat karni hai"),
    "ar": ("أريد|ممكن|أرغب في|أحتاج",
           "لا أريد|لا أحتاج|لا داعي|ما أبغى|ليس من الضروري",
           "التحدث مع موظف|الكلام مع إنسان|تحويلي إلى خدمة العملاء|الاتصال بي من موظف|التواصل مع المدير",
           "التحدث مع روبوت|الكلام مع آلة"),
    "zh": ("我要|我想|请帮我|能不能",
           "我不要|我不想|不用|没必要|不需要",
           "转人工|跟客服说话|找真人|联系经理|让人给我回电",
           "跟机器人说话|跟机器聊"),
    "vi": ("tôi muốn|cho tôi|mình cần|làm ơn cho",
           "tôi không muốn|không cần|tôi không cần|khỏi cần|đừng",
           "nói chuyện với nhân viên|gặp tổng đài viên|chuyển máy cho người thật|gọi lại cho tôi|gặp quản lý",
           "nói chuyện với robot|chat với máy"),
}  # fmt: skip


def contrasts() -> Iterator[Row]:
    """Every beginning with every wish."""
    for lang, parts in _SAYINGS.items():
        wishing, refusing, human, machine = (part.split("|") for part in parts)
        for beginnings, wishes, request in (
            (wishing, human, True),
            (refusing, human, False),
            (refusing, machine, True),
            (wishing, machine, False),
        ):
            labels = frozenset({"request"} if request else ())
            yield from (Row(f"{begin} {wish}", lang, labels) for begin in beginnings for wish in wishes)
