"""How much, and for how long, a client may keep a server busy: the contract's limits, for both servers."""

HEAD_BYTES = 64 * 1024
# From the first byte of a head to its last, and from there to the last byte of the body.
HEAD_SECONDS = 10
BODY_SECONDS = 10
# From the last byte of a request to its answer.
ANSWER_SECONDS = 10
# For the wait for a connection and all statements together. The rest of ANSWER_SECONDS is for everything else.
DATABASE_SECONDS = 8.0
# The database's own statement_timeout is 5 s and answers first, unless the server hangs as a whole.
STATEMENT_SECONDS = 6.0
# Between two requests on a connection, and before the first.
IDLE_SECONDS = 75
