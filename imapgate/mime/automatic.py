"""What kind of machine wrote a mail, by its header: such mails are filed, but never answered and
never taken as commands."""

from __future__ import annotations

import re

from imapgate.mime.mail import Mail

NOTIFICATION = "notification"
"""Of an imapgate, this one or another."""
BOUNCE = "bounce"
"""A report that a mail was not delivered, or is late."""
RECEIPT = "receipt"
"""A report that a mail was delivered, shown or deleted (RFC 8098)."""
OUT_OF_OFFICE = "out-of-office"
AUTO_REPLY = "auto-reply"
AUTO_GENERATED = "auto-generated"
LIST = "list"
"""A mailing list or a newsletter: written by a person, perhaps, but not to us alone."""
KINDS = (NOTIFICATION, BOUNCE, RECEIPT, OUT_OF_OFFICE, AUTO_REPLY, AUTO_GENERATED, LIST)

OWN_FIELD = "X-imapgate"
"""In each mail that imapgate writes: `SEGMENT-ID; KIND`."""

_FIELDS = (
    "auto-submitted",
    "precedence",
    "x-precedence",
    "x-auto-response-suppress",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponse",
    "x-auto-reply-from",
    "x-mail-autoreply",
    "x-loop",
    "x-failed-recipients",
    "list-id",
    "list-post",
    "list-unsubscribe",
    "return-path",
    "content-type",
    "x-imapgate",
)
_FIELD = re.compile(rf"^({'|'.join(_FIELDS)}): *(.*)$", re.IGNORECASE | re.MULTILINE)
_REPLY_FIELDS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponse",
    "x-auto-reply-from",
    "x-mail-autoreply",
)
_LIST_FIELDS = ("list-id", "list-post", "list-unsubscribe")
_NEGATIVE = frozenset(("", "no", "none", "false", "0"))
_LONGEST = 200
"""Characters of a value in which its word is looked for."""
_NESTED = 3
"""Comments in each other that are taken out."""
_COMMENT = re.compile(r"\([^()]*\)")
_REPORT = re.compile(r"multipart/report\b", re.IGNORECASE)
_REPORT_TYPE = re.compile(r"report-type\s*=\s*\"?([\w.-]+)", re.IGNORECASE)
_SUPPRESSES = frozenset(("all", "oof", "autoreply"))
"""What X-Auto-Response-Suppress names that forbids an answer; DR, RN, NRN only forbid receipts."""
_ABSENT_COMMENTS = re.compile(r"vacation|oof|out.of.office", re.IGNORECASE)
_ABSENT = re.compile(
    r"\s*(?:(?:re|aw|tr|sv|vs)\s*:\s*)?(?:\[[^\]]{0,40}\]\s*)?(?:"
    r"out[ -]of(?: the)?[ -]office|auto(?:matic)?[ -]?(?:reply|response)\b"
    r"|i am (?:currently )?(?:out|away)|on vacation|away from (?:my|the) office|vacation reply"
    r"|abwesenheit|automatische antwort|automatische abwesenheit|ich bin (?:nicht im|außer)"
    r"|außer haus|nicht im b[üu]ro|abwesend|urlaub\b"
    r"|réponse automatique|absence du bureau|absent du bureau|message d'absence"
    r"|risposta automatica|fuori (?:sede|ufficio)"
    r"|respuesta automática|fuera de (?:la )?oficina|ausente"
    r"|resposta automática|fora do escritório"
    r"|automatisch antwoord|afwezig|niet op kantoor"
    r"|automatiskt svar|autosvar|automatisk svar|automaattinen vastaus"
    r"|odpowiedź automatyczna|autoodpowiedź|automatická odpověď"
    r"|автоответ|自動応答|自动答复|自動回覆"
    r")",
    re.IGNORECASE,
)
_UNDELIVERED = re.compile(
    r"undeliver|delivery (?:status notification|failed|failure|has failed|report)"
    r"|mail delivery (?:failed|system|subsystem|delayed)|returned mail|failure notice|mail failure"
    r"|returning message to sender|delayed mail|message (?:delayed|not delivered|undeliverable)"
    r"|warning: (?:message|could not send)|unzustellbar|nicht zustellbar|zustellung fehlgeschlagen"
    r"|non remis|échec de (?:la )?remise|no se puede entregar|impossibile recapitare"
    r"|onbestelbaar|não entregue",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"(?:mailer|mail)-?daemon$", re.IGNORECASE)
_EXCHANGE = re.compile(r"microsoftexchange[0-9a-f]{32}$", re.IGNORECASE)
_UNMANNED = re.compile(r"postmaster$|(?:do-?not-?|no-?)reply\b", re.IGNORECASE)


def kind_of(mail: Mail) -> str | None:
    """One of KINDS; None: nothing says that it wasn't a person. By the header alone, which anybody
    can write: a machine that hides passes for a person, never the other way round.

    Sources: RFC 3834, RFC 3464, RFC 8098, RFC 2919, Microsoft's MS-OXCMAIL for
    X-Auto-Response-Suppress; `Precedence` and the X- fields as mailers have them."""
    fields: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(mail.headers):
        fields.setdefault(name.lower(), []).append(value.strip())
    if OWN_FIELD.lower() in fields:
        return NOTIFICATION
    return (
        _report(fields)
        or _undelivered(fields, mail)
        or _submitted(fields, mail)
        or _list(fields)
        or _other(fields, mail)
    )


def is_machine(kind: str | None) -> bool:
    """Whether no person wrote it: it gets no answer, and nothing in it is a command. What came by a
    list isn't among it, though it gets no answer either."""
    return kind is not None and kind != LIST


def own_field(segment_id: int, kind: str) -> tuple[str, str]:
    """Name and value of the field by which a mail of ours is recognised. kind: what it is
    (`notice`, `approval`), a token."""
    return OWN_FIELD, f"{segment_id}; {kind}"


def _report(fields: dict[str, list[str]]) -> str | None:
    content_type = next(iter(fields.get("content-type", ())), "")
    if not _REPORT.match(content_type):
        return None
    named = _REPORT_TYPE.search(content_type)
    report_type = named[1].lower() if named else "delivery-status"
    if report_type == "disposition-notification":
        return RECEIPT
    return BOUNCE if report_type == "delivery-status" else AUTO_GENERATED


def _undelivered(fields: dict[str, list[str]], mail: Mail) -> str | None:
    sender = _local_part(mail)
    if "x-failed-recipients" in fields or _DAEMON.match(sender) or _EXCHANGE.match(sender):
        return BOUNCE
    unmanned = _UNMANNED.match(sender) or _has_null_path(fields)
    return BOUNCE if unmanned and _UNDELIVERED.search(mail.subject) else None


def _submitted(fields: dict[str, list[str]], mail: Mail) -> str | None:
    """What says outright that a machine sent it."""
    values = fields.get("auto-submitted", ())
    words = {_word(value) for value in values} - _NEGATIVE
    replied = (
        "auto-replied" in words
        or any(_positive(fields, name) for name in _REPLY_FIELDS)
        or "auto_reply" in _precedences(fields)
    )
    if not (words or replied):
        return None
    if _ABSENT.match(mail.subject) or any(_ABSENT_COMMENTS.search(value) for value in values):
        return OUT_OF_OFFICE
    return AUTO_REPLY if replied else AUTO_GENERATED


def _list(fields: dict[str, list[str]]) -> str | None:
    named = any(_positive(fields, name) for name in _LIST_FIELDS)
    return LIST if named or "list" in _precedences(fields) else None


def _other(fields: dict[str, list[str]], mail: Mail) -> str | None:
    """What says that it must not be answered; and an absent person's subject if something else
    speaks for it."""
    suppressed = {
        word.strip().lower()
        for value in fields.get("x-auto-response-suppress", ())
        for word in value.split(",")
    }
    unanswerable = (
        bool(suppressed & _SUPPRESSES)
        or bool({"bulk", "junk"} & _precedences(fields))
        or _positive(fields, "x-loop")
        or _has_null_path(fields)
    )
    if (unanswerable or _UNMANNED.match(_local_part(mail))) and _ABSENT.match(mail.subject):
        return OUT_OF_OFFICE
    return AUTO_GENERATED if unanswerable else None


def _word(value: str) -> str:
    """The keyword of a structured value, without comments and parameters (RFC 3834 5)."""
    value = value[:_LONGEST]
    for _ in range(_NESTED):
        value = _COMMENT.sub(" ", value)
    return value.partition(";")[0].strip().lower()


def _positive(fields: dict[str, list[str]], name: str) -> bool:
    return any(_word(value) not in _NEGATIVE for value in fields.get(name, ()))


def _precedences(fields: dict[str, list[str]]) -> set[str]:
    return {
        _word(value) for name in ("precedence", "x-precedence") for value in fields.get(name, ())
    }


def _has_null_path(fields: dict[str, list[str]]) -> bool:
    return any(_word(value).replace(" ", "") == "<>" for value in fields.get("return-path", ()))


def _local_part(mail: Mail) -> str:
    return mail.from_[0].address.partition("@")[0].strip() if mail.from_ else ""
