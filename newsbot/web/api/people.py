"""People, tokens, and the record of who did what; and who it is that asks."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import Path, Query, Request
from pydantic import Field

from newsbot.archive import audit, sessions, tokens, users
from newsbot.archive.connection import Database
from newsbot.archive.tokens import Token
from newsbot.archive.users import User
from newsbot.people import changing
from newsbot.people import tokens as making
from newsbot.people.changing import LastAdminError, PeopleError
from newsbot.web.access import visitor
from newsbot.web.api.frame import Answer, IfMatch, Moment, Wish, area, unchanged
from newsbot.web.api.paging import Asked, Page
from newsbot.web.api.problems import ProblemError, not_found, sentence

RoleName = Literal["viewer", "analyst", "operator", "admin"]
ScopeName = Literal["read", "write", "operate", "admin"]
Person = Annotated[
    str,
    Path(description="The person's name; case does not matter.", examples=["lina"], max_length=200),
]
TokenId = Annotated[
    str, Path(description="The token's id.", examples=["2b0561d890b2"], max_length=64)
]


class Me(Answer):
    """Who asks."""

    name: str = Field(examples=["Lina"])
    role: Literal["nobody", "viewer", "analyst", "operator", "admin"]
    """What may be asked for: of a token, never more than its owner may."""
    by: Literal["machine", "session", "token", ""]
    """By what that is known; "machine" as long as there are no people."""


class PersonOf(Answer):
    """A person."""

    name: str = Field(examples=["Lina"])
    role: RoleName
    one_time_codes: bool
    """Whether a code is asked for besides the password."""
    sessions: int = Field(examples=[1])
    """In how many browsers the person is signed in."""
    made_at: Moment
    by: str = Field(examples=["root"])
    """Who added the person."""


class PersonPage(Page[PersonOf]):
    """A page of people, by name."""


class PersonWish(Wish):
    """A new person."""

    name: str = Field(examples=["Omar"])
    role: RoleName = "viewer"
    password: str = Field(examples=["tram olive kettle moss"])


class PersonChange(Wish):
    """What of a person is changed; what is left out stays. Sessions end with a role and with a password."""

    role: RoleName | None = Field(None, examples=["analyst"])
    password: str | None = Field(None, examples=["ferry button august lime"])
    one_time_codes: Literal[False] | None = None
    """False takes them away, where the authenticator is lost."""


class Ended(Answer):
    """How many sessions were ended."""

    ended: int = Field(examples=[2])


class TokenOf(Answer):
    """A token; what it is itself is kept nowhere."""

    id: str = Field(examples=["2b0561d890b2"])
    name: str = Field(examples=["nightly export"])
    user: str = Field(examples=["lina"])
    """Whose it is."""
    scopes: list[ScopeName] = Field(examples=[["read"]])
    made_at: Moment
    expires_at: Moment | None
    used_at: Moment | None
    """When it was used last, to some minutes."""


class NewToken(TokenOf):
    """A new token, shown this once."""

    token: str = Field(examples=["nb_…"])


class TokenPage(Page[TokenOf]):
    """A page of tokens, the newest first."""


class TokenWish(Wish):
    """A new token."""

    name: str = Field(examples=["nightly export"])
    scopes: list[ScopeName] = Field(examples=[["read"]], min_length=1)
    days: float | None = Field(None, gt=0, le=36_500, examples=[90])
    """Days after which it expires; null: never."""


class EntryOf(Answer):
    """One thing that was done."""

    id: str
    at: Moment
    by: str = Field(examples=["Lina"])
    action: str = Field(examples=["user add"])
    why: str
    ids: list[str] = Field(examples=[["omar"]])
    """Of what: of people by name, of all else by id."""
    counts: dict[str, int] = Field(examples=[{"sessions": 2}])


class AuditPage(Page[EntryOf]):
    """A page of the record, newest first."""


class People:
    """The people of one archive, and what they did."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.router = area("people")
        one = "/people/{person}"
        self.router.get("/me", name="me")(self.me)
        self.router.get("/people", name="list")(self.listed)
        self.router.post("/people", name="add", status_code=201)(self.add)
        self.router.get(one, name="get")(self.person)
        self.router.patch(one, name="change")(self.change)
        self.router.delete(one, name="remove", status_code=204, response_model=None)(self.remove)
        self.router.post(f"{one}/end-sessions", name="end_sessions")(self.end_sessions)
        self.router.post(f"{one}/tokens", name="add_token", status_code=201)(self.add_token)
        self.router.get("/tokens", name="list_tokens")(self.listed_tokens)
        self.router.delete(
            "/tokens/{token}", name="remove_token", status_code=204, response_model=None
        )(self.remove_token)
        self.router.get("/audit", name="audit")(self.audit)

    def me(self, request: Request) -> Me:
        """Tell who it is that asks, and what that one may."""
        who = visitor(request)
        return Me(name=who.name, role=who.role.word, by=who.by)  # type: ignore[arg-type]

    def listed(self, paging: Asked) -> PersonPage:
        """List the people."""
        page, following = paging.of(users.everything(self._database), lambda each: (each.id,))
        return PersonPage(items=[self._shown(each) for each in page], next=following)

    def add(self, request: Request, wish: PersonWish) -> PersonOf:
        """Add a person; the first one has to be an admin, and from then on everybody signs in."""
        if users.find(self._database, changing.key_of(wish.name)) is not None:
            raise ProblemError("conflict", f"There is somebody called {wish.name!r} already.")
        try:
            user = changing.add(
                self._database,
                wish.name,
                role=wish.role,
                password=wish.password,
                by=visitor(request).name,
            )
        except PeopleError as error:
            raise ProblemError("invalid", sentence(error)) from None
        return self._shown(user)

    def person(self, person: Person) -> PersonOf:
        """Get a person."""
        return self._shown(self._existing(person))

    def change(
        self, request: Request, person: Person, wish: PersonChange, if_match: IfMatch = None
    ) -> PersonOf:
        """Give somebody another role or password, or take the one-time codes away."""
        del if_match
        user, by = self._existing(person), visitor(request).name
        unchanged(request, self._shown(user))
        try:
            if wish.role is not None:
                user = changing.set_role(self._database, user.id, wish.role, by=by)
            if wish.password is not None:
                user = changing.set_password(self._database, user.id, wish.password, by=by)
            if wish.one_time_codes is False:
                user = changing.without_codes(self._database, user.id, by=by)
        except PeopleError as error:
            raise _problem(error) from None
        return self._shown(user)

    def remove(self, request: Request, person: Person) -> None:
        """Remove a person, with all tokens and sessions."""
        user = self._existing(person)
        try:
            changing.remove(self._database, user.id, by=visitor(request).name)
        except PeopleError as error:
            raise _problem(error) from None

    def end_sessions(self, request: Request, person: Person) -> Ended:
        """End all of somebody's sessions."""
        user = self._existing(person)
        ended = changing.end_sessions(self._database, user.id, by=visitor(request).name)
        return Ended(ended=ended)

    def add_token(self, request: Request, person: Person, wish: TokenWish) -> NewToken:
        """Make a token of somebody's. It is told this once."""
        user = self._existing(person)
        try:
            token, secret = making.make(
                self._database,
                user,
                wish.name,
                tuple(wish.scopes),
                days=wish.days,
                by=visitor(request).name,
            )
        except PeopleError as error:
            raise ProblemError("invalid", sentence(error)) from None
        return NewToken(**_token(token).model_dump(), token=secret)

    def listed_tokens(self, paging: Asked) -> TokenPage:
        """List everybody's tokens."""
        page, following = paging.of(
            tokens.everything(self._database),
            lambda each: (each.made_at.isoformat(), each.id),
            newest_first=True,
        )
        return TokenPage(items=[_token(each) for each in page], next=following)

    def remove_token(self, request: Request, token: TokenId) -> None:
        """Remove a token: it is worth nothing from now on."""
        try:
            found = making.find(self._database, token)
        except PeopleError:
            raise not_found("token", token, listed="/api/v1/tokens") from None
        making.remove(self._database, found, by=visitor(request).name)

    def audit(
        self,
        paging: Asked,
        by: Annotated[
            str, Query(description="Only what this one did.", examples=["Lina"], max_length=200)
        ] = "",
        action: Annotated[
            str,
            Query(
                description="Only what begins with these words.",
                examples=["user"],
                max_length=200,
            ),
        ] = "",
    ) -> AuditPage:
        """List who did what, newest first."""
        now = datetime.now(UTC)
        moment, last = paging.when() or (now, "")
        found = audit.before(
            self._database,
            min(moment, now),
            last=last,
            by=by,
            action=action,
            at_most=paging.limit + 1,
        )
        page = found[: paging.limit]
        more = len(found) > paging.limit
        following = paging.next((page[-1].at.isoformat(), page[-1].id)) if more else None
        return AuditPage(items=[EntryOf.model_validate(each) for each in page], next=following)

    def _existing(self, person: str) -> User:
        found = users.find(self._database, changing.key_of(person))
        if found is None:
            raise not_found("person", person, listed="/api/v1/people")
        return found

    def _shown(self, user: User) -> PersonOf:
        going = sessions.of(self._database, user.id, now=datetime.now(UTC))
        return PersonOf(
            name=user.name,
            role=user.role,  # type: ignore[arg-type]
            one_time_codes=bool(user.code_secret),
            sessions=len(going),
            made_at=user.made_at,
            by=user.by,
        )


def _problem(error: PeopleError) -> ProblemError:
    kind = "conflict" if isinstance(error, LastAdminError) else "invalid"
    return ProblemError(kind, sentence(error))


def _token(token: Token) -> TokenOf:
    return TokenOf(
        id=token.short,
        name=token.name,
        user=token.user,
        scopes=list(token.scopes),  # type: ignore[arg-type]
        made_at=token.made_at,
        expires_at=token.expires_at,
        used_at=token.used_at,
    )
