-- $1 session key, $2 the id to start after, $3 the largest number of rows.
-- No row: unknown or expired session. One row of NULLs: nothing (more) to list.
SELECT r.id, r.title, r.author, r.source, r.servings, r.minutes, r.tags, r.archived, r.created_at, r.updated_at
FROM sessions
LEFT JOIN LATERAL (
    SELECT *
    FROM recipes
    WHERE id > $2
      AND (owner_user_id = sessions.user_id
           OR owner_team_id = ANY (ARRAY (SELECT m.team_id
                                          FROM memberships m
                                          WHERE m.user_id = sessions.user_id AND m.active)))
    ORDER BY id
    LIMIT $3
) r ON true
WHERE sessions.key = $1 AND sessions.expires_at > now()
ORDER BY r.id
