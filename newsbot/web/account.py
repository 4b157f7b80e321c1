"""The page of one's own account: password, one-time codes, browsers that are signed in, tokens.

It is for people who have signed in. A token, whatever it allows, changes none of it: whoever finds one
can use it until it is removed, and not make himself at home.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from newsbot.archive import audit, sessions, tokens, users
from newsbot.archive.connection import Database
from newsbot.archive.sealing import SealError
from newsbot.archive.users import User
from newsbot.config import Config
from newsbot.people import changing, codes, signing_in
from newsbot.people import tokens as making
from newsbot.people.changing import PeopleError
from newsbot.people.passwords import SHORTEST
from newsbot.people.roles import SCOPES, Role
from newsbot.people.signing_in import SignInError
from newsbot.web.access import visitor
from newsbot.web.auth import sentence, signed_in
from newsbot.web.guard import checked
from newsbot.web.pages import Pages

Text = Annotated[str, Form()]


class Account:
    """The accounts of one archive, each for its owner."""

    def __init__(self, config: Config, database: Database, pages: Pages) -> None:
        self._config = config
        self._database = database
        self._pages = pages
        self.router = APIRouter()
        add = self.router.add_api_route
        for path, page in (("/account", self.look), ("/account/codes", self.look_codes)):
            add(path, page, methods=["GET"], response_class=HTMLResponse, response_model=None)
        for path, step in (
            ("/account/password", self.password),
            ("/account/codes", self.codes_on),
            ("/account/codes/off", self.codes_off),
            ("/account/sessions/end", self.end_others),
            ("/account/sessions/{session}/end", self.end),
            ("/account/tokens", self.make_token),
            ("/account/tokens/{token_id}/remove", self.remove_token),
        ):
            add(path, step, methods=["POST"], response_model=None)

    def _me(self, request: Request) -> User:
        who = visitor(request)
        user = users.find(self._database, who.key) if who.by == "session" else None
        if user is None:
            raise HTTPException(
                403, "This is for people who have signed in, each for himself; a token cannot."
            )
        return user

    def look(self, request: Request) -> Response:
        """Show what is one's own."""
        if visitor(request).by == "machine":
            return RedirectResponse("/sign-in/first", status_code=303)
        return self._page(request, self._me(request))

    def _page(
        self,
        request: Request,
        me: User,
        *,
        error: str = "",
        at: str = "",
        made: str = "",
        name: str = "",
    ) -> HTMLResponse:
        now = datetime.now(UTC)
        return self._pages.page(
            request,
            "account.html",
            status=400 if error else 200,
            me=me,
            sessions=sessions.of(self._database, me.id, now=now),
            this=request.state.session.id,
            tokens=tokens.everything(self._database, me.id),
            scopes=[each for each, needed in SCOPES.items() if needed <= Role.named(me.role)],
            shortest=SHORTEST,
            now=now,
            error=error,
            at=at,
            made=made,
            name=name,
        )

    def password(
        self,
        request: Request,
        token: Text = "",
        current: Text = "",
        new: Text = "",
        again: Text = "",
    ) -> Response:
        """Change the password; all other browsers have to sign in again."""
        checked(request, token)
        me = self._me(request)
        try:
            if new != again:
                raise PeopleError("the new password is not the same twice")
            signing_in.confirm(self._database, me, current)
            me = changing.set_password(self._database, me.id, new, by=me.name)
        except (PeopleError, SignInError) as error:
            return self._page(request, me, error=sentence(error), at="password")
        return signed_in(self._config, self._database, request, me, "/account")

    def look_codes(self, request: Request) -> Response:
        """Offer a secret for one-time codes."""
        if visitor(request).by == "machine":
            return RedirectResponse("/sign-in/first", status_code=303)
        me = self._me(request)
        if me.code_secret:
            return RedirectResponse("/account#codes", status_code=303)
        return self._offer(request, me, codes.drawn())

    def _offer(self, request: Request, me: User, secret: str, error: str = "") -> HTMLResponse:
        return self._pages.page(
            request,
            "account_codes.html",
            status=400 if error else 200,
            secret=secret,
            sealed=self._database.sealer.seal({"codes": secret, "user": me.id}),
            picture=codes.picture(secret, me.name),
            given=[],
            error=error,
        )

    def codes_on(
        self,
        request: Request,
        token: Text = "",
        sealed: Text = "",
        code: Text = "",
        password: Text = "",
    ) -> Response:
        """Have one-time codes be asked for from now on, and show what helps who loses the authenticator."""
        checked(request, token)
        me = self._me(request)
        try:
            offered = self._database.sealer.open(sealed)
        except SealError:
            return RedirectResponse("/account/codes", status_code=303)
        if offered.get("user") != me.id or me.code_secret:
            return RedirectResponse("/account/codes", status_code=303)
        secret = str(offered["codes"])
        try:
            signing_in.confirm(self._database, me, password)
        except SignInError as error:
            return self._offer(request, me, secret, sentence(error))
        step = codes.step_of(secret, code, now=datetime.now(UTC))
        if step is None:
            why = "The code is not that of this picture; type the one that is shown now."
            return self._offer(request, me, secret, why)
        _, given = codes.turn_on(self._database, me, secret, step)
        return self._pages.page(request, "account_codes.html", given=given, error="")

    def codes_off(self, request: Request, token: Text = "", password: Text = "") -> Response:
        """Have no one-time codes be asked for any more."""
        checked(request, token)
        me = self._me(request)
        try:
            signing_in.confirm(self._database, me, password)
        except SignInError as error:
            return self._page(request, me, error=sentence(error), at="codes")
        changing.without_codes(self._database, me.id, by=me.name)
        return RedirectResponse("/account#codes", status_code=303)

    def end(self, request: Request, session: str, token: Text = "") -> Response:
        """End one of one's own sessions."""
        checked(request, token)
        me = self._me(request)
        for each in sessions.of(self._database, me.id, now=datetime.now(UTC)):
            if each.short == session:
                sessions.end(self._database, each.id)
                audit.note(self._database, "session end", ids=(me.id, each.short), by=me.name)
        return RedirectResponse("/account#sessions", status_code=303)

    def end_others(self, request: Request, token: Text = "") -> Response:
        """End all of one's sessions but this one."""
        checked(request, token)
        me = self._me(request)
        ended = sessions.end_all(self._database, me.id, but=request.state.session.id)
        counts = {"sessions": ended}
        audit.note(self._database, "session end", ids=(me.id,), counts=counts, by=me.name)
        return RedirectResponse("/account#sessions", status_code=303)

    def make_token(
        self,
        request: Request,
        token: Text = "",
        name: Text = "",
        scope: Annotated[list[str] | None, Form()] = None,
        days: Text = "90",
    ) -> Response:
        """Make a token, which is shown once."""
        checked(request, token)
        me = self._me(request)
        try:
            _, secret = making.make(
                self._database, me, name, tuple(scope or ()), days=_days(days), by=me.name
            )
        except PeopleError as error:
            return self._page(request, me, error=sentence(error), at="tokens", name=name)
        return self._page(request, me, made=secret)

    def remove_token(self, request: Request, token_id: str, token: Text = "") -> Response:
        """Remove one of one's own tokens."""
        checked(request, token)
        me = self._me(request)
        try:
            found = making.find(self._database, token_id, owner=me.id)
        except PeopleError:
            raise HTTPException(404) from None
        making.remove(self._database, found, by=me.name)
        return RedirectResponse("/account#tokens", status_code=303)


def _days(text: str) -> float | None:
    """Return after how many days a token expires; None for never.

    Raises:
        PeopleError: where it is no number of days.
    """
    if not text.strip():
        return None
    try:
        days = float(text)
    except ValueError:
        days = 0
    if not 0 < days <= 36_500:
        raise PeopleError("a token expires after a number of days, from 1 to 36500, or never")
    return days
