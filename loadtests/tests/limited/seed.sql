INSERT INTO counter (id, value) VALUES (1, 0);
