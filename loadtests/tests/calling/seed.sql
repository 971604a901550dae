INSERT INTO nothing (id) VALUES (1);
