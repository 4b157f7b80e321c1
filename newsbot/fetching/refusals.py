"""How whoever does not fetch something says so: a middleware, the resolver, the browser, the spider."""

from scrapy.exceptions import IgnoreRequest

from newsbot.fetching.causes import CAUSES


class RefusedError(IgnoreRequest):
    """Something that newsbot does not fetch; ``cause`` is a key of :data:`newsbot.fetching.causes.CAUSES`, ``detail`` says more.

    As text it goes on from the address, as a cause's sentence does.

    Raises:
        KeyError: when there is no such cause.
    """

    def __init__(self, cause: str, detail: str = "") -> None:
        sentence = CAUSES[cause].sentence
        super().__init__(f"{sentence} ({detail})" if detail else sentence)
        self.cause = cause
        self.detail = detail

    def __reduce__(self) -> tuple[type["RefusedError"], tuple[str, str]]:
        return type(self), (self.cause, self.detail)


def refusal_in(error: BaseException | None) -> RefusedError | None:
    """Return the refusal that this error is or was raised from; None where there is none.

    Download handlers wrap what happens beneath them, so a refusal by the resolver may arrive as the
    cause of another error.
    """
    for _ in range(10):
        if error is None or isinstance(error, RefusedError):
            return error
        reasons = getattr(error, "reasons", None)  # of Twisted's ResponseFailed: failures
        if reasons:
            for reason in reasons:
                found = refusal_in(reason.value)
                if found is not None:
                    return found
        error = error.__cause__ or error.__context__
    return None
