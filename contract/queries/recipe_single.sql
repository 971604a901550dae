-- $1 session key, $2 recipe. The whole document in one row.
-- No row: unknown or expired session. A row whose id is NULL: the user may not see such a recipe.
-- Children come as arrays of anonymous composites, which carry their types, so a client can decode them.
-- Their columns are those of the query of the same name. ARRAY (…) reads an index in order, but
-- array_agg (… ORDER BY …) would sort.
SELECT r.id, r.title, r.author, r.source, r.servings, r.minutes, r.tags, r.archived,
       CASE WHEN r.owner_team_id IS NULL THEN 'user' ELSE 'team' END AS owner_type,
       coalesce(r.owner_team_id, r.owner_user_id) AS owner_id,
       coalesce(t.name, u.name) AS owner_name,
       r.created_at, r.updated_at,
       ARRAY (SELECT ROW (i.id, i.position, i.quantity, i.name, i.description, i.optional)
              FROM ingredients i
              WHERE i.recipe_id = r.id
              ORDER BY i.position) AS ingredients,
       ARRAY (SELECT ROW (s.id, s.position, s.title)
              FROM sections s
              WHERE s.recipe_id = r.id
              ORDER BY s.position) AS sections,
       ARRAY (SELECT ROW (s.id, s.position, s.text)
              FROM steps s
              WHERE s.recipe_id = r.id
              ORDER BY s.position) AS steps,
       ARRAY (SELECT ROW (e.id, e.action, e.created_by_id, u.name, e.created_at)
              FROM events e
              LEFT JOIN users u ON u.id = e.created_by_id
              WHERE e.recipe_id = r.id
              ORDER BY e.id) AS events,
       ARRAY (SELECT ROW (n.id, n.text, n.created_by_id, u.name, n.created_at, n.updated_at,
                          ARRAY (SELECT ROW (a.id, a.emoji, a.created_by_id, b.name, a.created_at)
                                 FROM reactions a
                                 JOIN users b ON b.id = a.created_by_id
                                 WHERE a.note_id = n.id
                                 ORDER BY a.id))
              FROM notes n
              JOIN users u ON u.id = n.created_by_id
              WHERE n.recipe_id = r.id
              ORDER BY n.id) AS notes
FROM sessions
LEFT JOIN recipes r
    ON r.id = $2
    AND (r.owner_user_id = sessions.user_id
         OR r.owner_team_id IN (SELECT m.team_id
                                FROM memberships m
                                WHERE m.user_id = sessions.user_id AND m.active))
LEFT JOIN teams t ON t.id = r.owner_team_id
LEFT JOIN users u ON u.id = r.owner_user_id
WHERE sessions.key = $1 AND sessions.expires_at > now()
