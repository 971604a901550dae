INSERT INTO todos (id, title, done, created_at) VALUES
    (1, 'Buy milk', true, '2026-01-02T03:04:05Z'),
    (2, 'Call “Ada”', false, '2026-01-02T03:04:06Z'),
    (3, 'Crème brûlée', false, '2026-01-02T03:04:07.000001Z');
