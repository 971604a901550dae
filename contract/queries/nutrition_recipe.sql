-- $1 session key, $2 recipe. Its id and title.
-- No row: unknown or expired session. A row of NULLs: the user may not see such a recipe.
SELECT r.id, r.title
FROM sessions
LEFT JOIN recipes r
    ON r.id = $2
    AND (r.owner_user_id = sessions.user_id
         OR r.owner_team_id IN (SELECT m.team_id
                                FROM memberships m
                                WHERE m.user_id = sessions.user_id AND m.active))
WHERE sessions.key = $1 AND sessions.expires_at > now()
