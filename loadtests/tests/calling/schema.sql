-- The service asks nothing of it.
CREATE TABLE nothing (id bigint PRIMARY KEY);
