"""What is said of a query that cannot be understood."""


class QuerySyntaxError(ValueError):
    """A query that is none: where (``position``, in characters), and what would be right."""

    def __init__(self, query: str, position: int, message: str) -> None:
        super().__init__(message)
        self.query = query
        self.position = position
        self.message = message

    def explain(self) -> str:
        """Return the query, a caret under the place, and the reason, a line each."""
        shown = " ".join(self.query.splitlines()) or " "
        return f"  {shown}\n  {' ' * min(self.position, len(shown))}^\n{self.message}"
