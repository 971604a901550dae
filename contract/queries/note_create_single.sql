-- $1 session key, $2 recipe, $3 text. The note in one row.
-- No row: unknown or expired session. A row of NULLs: the user may not see such a recipe.
WITH author AS (
    SELECT u.id, u.name
    FROM sessions
    JOIN users u ON u.id = sessions.user_id
    WHERE sessions.key = $1 AND sessions.expires_at > now()
), note AS (
    INSERT INTO notes (recipe_id, text, created_by_id)
    SELECT r.id, $3, author.id
    FROM author
    JOIN recipes r
        ON r.id = $2
        AND (r.owner_user_id = author.id
             OR r.owner_team_id IN (SELECT m.team_id
                                    FROM memberships m
                                    WHERE m.user_id = author.id AND m.active))
    RETURNING id, text, created_by_id, created_at, updated_at
)
SELECT note.id, note.text, note.created_by_id, author.name AS created_by_name, note.created_at, note.updated_at
FROM author
LEFT JOIN note ON true
