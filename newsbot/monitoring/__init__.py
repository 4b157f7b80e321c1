"""How newsbot is, seen from outside: for Prometheus, for who asks whether it is ready, for the terminal."""
