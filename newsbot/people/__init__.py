"""People: who may sign in, what each may do, and how they are known again."""
