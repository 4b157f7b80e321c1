"""The reference of all settings. Run as a module it prints the page that stands in ``docs/configuration.md``."""

from newsbot.config import Config


def reference() -> str:
    """Return the reference of all settings, as Markdown."""
    rows = []
    for name, field in Config.model_fields.items():
        default = field.get_default()
        if isinstance(default, tuple):
            shown = "`[" + ", ".join(f"{value:g}" for value in default) + "]`"
        else:
            shown = "unset" if default in (None, "") else f"`{default}`"
        rows.append(f"| `{name}` | `NEWSBOT_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(
        [
            "# Configuration",
            "",
            "Settings are read from `newsbot.toml` in the folder newsbot is started in, and then from",
            "environment variables, which win. All have defaults; newsbot runs without either.",
            "This page is generated from the code by `make docs`.",
            "",
            "| in `newsbot.toml` | in the environment | default | meaning |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            "```toml",
            "# newsbot.toml",
            'contact = "https://newsroom.example/bot"',
            'data_dir = "/var/lib/newsbot"',
            "web_port = 8080",
            "```",
            "",
        ]
    )


if __name__ == "__main__":
    print(reference(), end="")  # noqa: T201
