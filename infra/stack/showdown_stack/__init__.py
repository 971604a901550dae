"""The stack on one machine: Postgres, pgbouncer, haproxy and one service at a time."""
