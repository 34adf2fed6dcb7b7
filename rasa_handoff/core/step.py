"""The state machine: `start` makes a handoff, `step` answers an event with the next state and the effects."""

from dataclasses import replace
from datetime import datetime

from rasa_handoff.core import followups, leaving, offers, promises, showing, transfers
from rasa_handoff.core.announcing import announced, announced_start
from rasa_handoff.core.backports import assert_never
from rasa_handoff.core.channel_effects import RecordCustomer
from rasa_handoff.core.delivery import Delayed, Delivered, Undelivered
from rasa_handoff.core.effects import (
    Assign,
    Effect,
    Notice,
    PublishContext,
    RunAction,
    Step,
    TellBot,
    TellCustomer,
    Wake,
    WriteSummary,
)
from rasa_handoff.core.errors import BadMessage
from rasa_handoff.core.follow_up import (
    CallbackBooked,
    EmailTaken,
    EmailUndelivered,
    FollowUpDone,
    FollowUpDue,
    FollowUpFailed,
    FollowUpReopened,
    FollowUpTaken,
)
from rasa_handoff.core.handoff import (
    Accepted,
    AgentLost,
    AgentMessaged,
    AskAgainDue,
    CustomerMessaged,
    Declined,
    Event,
    HandedBack,
    Handoff,
    Offered,
    OfferExpired,
    Status,
    TransferCancelled,
    TransferExpired,
    Transferred,
    UpdateDue,
    Widened,
)
from rasa_handoff.core.offers import require_held, require_offer, require_open
from rasa_handoff.core.package import SummaryState
from rasa_handoff.core.runs import ActionEnded, ActionRun, Kind
from rasa_handoff.core.summarised import SummaryFailed, SummaryRequested, SummaryWritten
from rasa_handoff.core.takeover import Marked, TakenOver, TakeOverFailed
from rasa_handoff.core.there import AskedIfThere, CustomerLeft, CustomerThere
from rasa_handoff.core.told import SlaMissed, Told


def start(handoff: Handoff, now: datetime, *, with_model: bool) -> Step:
    """The first step of a new handoff: into the queue, and have the summary written if there is a model."""
    update = Wake(now + handoff.rules.check_every, UpdateDue(1))
    effects: list[Effect] = [Assign(), update, *offers.first_ring(handoff), *leaving.watched(handoff, now)]
    if with_model:
        handoff = replace(handoff, summary=replace(handoff.summary, state=SummaryState.PENDING))
        effects.append(WriteSummary())
    return announced_start(showing.shown_start(Step(handoff, tuple(effects))), now)


def step(handoff: Handoff, event: Event, now: datetime) -> Step:
    """Answer `event`. An event that no longer matters changes nothing; one that must not be raises `Refused`.

    Errors: OfferGone, NotYours, AlreadyClosed (all `Refused`), BadMessage.
    """
    return announced(handoff, event, showing.shown(handoff, event, _answered(handoff, event, now)), now)


def _answered(handoff: Handoff, event: Event, now: datetime) -> Step:
    match event:
        case Offered():
            return offers.offered(handoff, event, now)
        case Declined():
            require_offer(handoff, event.agent_id)
            return offers.passed(handoff, now)
        case OfferExpired():
            return offers.expired(handoff, event, now)
        case AskAgainDue():
            return offers.ask_again(handoff, event)
        case Widened():
            return offers.widened(handoff, event)
        case AgentLost():
            return offers.lost(handoff, event, now)
        case Transferred():
            return transfers.transferred(handoff, event, now)
        case TransferCancelled():
            return transfers.cancelled(handoff, event)
        case TransferExpired():
            return transfers.expired(handoff, event)
        case UpdateDue():
            return _update(handoff, event, now)
        case Told() | SlaMissed():
            return promises.step(handoff, event, now)
        case AskedIfThere() | CustomerThere() | CustomerLeft():
            return leaving.step(handoff, event, now)
        case (
            CallbackBooked()
            | EmailTaken()
            | FollowUpTaken()
            | FollowUpDone()
            | FollowUpFailed()
            | FollowUpReopened()
            | FollowUpDue()
            | EmailUndelivered()
        ):
            return followups.step(handoff, event, now)
        case TakenOver() | TakeOverFailed() | Marked():
            return showing.step(handoff, event, now)
        case Accepted():
            return offers.accepted(handoff, event, now)
        case CustomerMessaged():
            return _customer_messaged(handoff, event, now)
        case AgentMessaged():
            return _agent_messaged(handoff, event)
        case HandedBack():
            return _handed_back(handoff, event, now)
        case SummaryWritten():
            return _summary_written(handoff, event)
        case SummaryRequested():
            return _summary_requested(handoff)
        case SummaryFailed():
            failed = replace(handoff.summary, state=SummaryState.FAILED, error=event.error)
            return Step(replace(handoff, summary=failed))
        case ActionRun():
            return _action_run(handoff, event)
        case Delayed() | Delivered() | Undelivered() | ActionEnded():
            return Step(handoff)  # the log entry is what tells the agent
        case _:
            assert_never(event)


def _update(handoff: Handoff, event: UpdateDue, now: datetime) -> Step:
    if event.update <= handoff.updates or handoff.status not in (Status.WAITING, Status.OFFERED):
        return Step(handoff)
    again = Wake(now + handoff.rules.check_every, UpdateDue(event.update + 1))
    after = replace(handoff, updates=event.update, news=None)
    return Step(after, (TellBot(Notice.UPDATE), Assign(), again))


def _customer_messaged(handoff: Handoff, event: CustomerMessaged, now: datetime) -> Step:
    require_open(handoff)
    here = leaving.heard(handoff, now)
    if not event.via:
        return Step(replace(here, last_message_id=event.message_id))
    return Step(here, (RecordCustomer(event.message_id, event.text),))


def _agent_messaged(handoff: Handoff, event: AgentMessaged) -> Step:
    require_held(handoff, event.agent_id)
    limit = handoff.rules.message_limit
    if not event.text.strip() and not event.attachments:
        raise BadMessage("The message is empty. Write something before you send it.")
    if len(event.text) > limit:
        raise BadMessage(f"The message has {len(event.text):,} characters; at most {limit:,} can be sent at once.")
    assert handoff.agent_name is not None
    told = TellCustomer(
        event.message_id, event.text, handoff.agent_name, event.attachments, event.avatar, event.delivered
    )
    if event.via and event.mark:
        handoff = showing.marked(handoff, event.via, handoff.need.department, event.mark)
    return Step(handoff, (told,))


def _action_run(handoff: Handoff, event: ActionRun) -> Step:
    """A reply is text for the composer: it is in the log, and there is nothing more to do."""
    require_held(handoff, event.agent_id)
    kind = Kind(event.kind)
    if kind is Kind.REPLY:
        return Step(handoff)
    run = RunAction(
        event.run_id, event.action_id, event.label, kind, event.target, event.fields, event.agent_id, event.agent_name
    )
    return Step(handoff, (run,))


def _handed_back(handoff: Handoff, event: HandedBack, now: datetime) -> Step:
    if event.outside:
        require_open(handoff)
    else:
        require_held(handoff, event.agent_id)
    after = replace(
        offers.settled(handoff),
        status=Status.CLOSED,
        epoch=handoff.epoch + 1,
        closed_at=now,
        outcome=event.outcome,
        note=event.note,
        learned=dict(event.learned),
    )
    return Step(after, (TellBot(Notice.RETURNED), Assign()))


def _summary_written(handoff: Handoff, event: SummaryWritten) -> Step:
    ready = replace(
        handoff.summary,
        sentences=event.sentences[:3],
        state=SummaryState.READY,
        source=event.source,
        error=None,
        basis=event.basis,
        left_out=event.left_out,
    )
    effects = (PublishContext(),) if handoff.is_open else ()
    return Step(replace(handoff, summary=ready), effects)


def _summary_requested(handoff: Handoff) -> Step:
    """The draft is still there when the model failed, and only then is there anything to try again."""
    if handoff.summary.state is not SummaryState.FAILED:
        return Step(handoff)
    pending = replace(handoff.summary, state=SummaryState.PENDING, error=None)
    return Step(replace(handoff, summary=pending), (WriteSummary(),))
