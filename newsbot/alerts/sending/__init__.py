"""The ways by which messages go out: webhooks, e-mail, and the services that Apprise knows."""
