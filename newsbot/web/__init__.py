"""The web page: rendered on the server, usable without JavaScript, live where there is some."""
