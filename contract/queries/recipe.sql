-- $1 recipe, $2 user, $3 the user's active teams. One row, or none if the user may not see it.
SELECT r.id, r.title, r.author, r.source, r.servings, r.minutes, r.tags, r.archived,
       CASE WHEN r.owner_team_id IS NULL THEN 'user' ELSE 'team' END AS owner_type,
       coalesce(r.owner_team_id, r.owner_user_id) AS owner_id,
       coalesce(t.name, u.name) AS owner_name,
       r.created_at, r.updated_at
FROM recipes r
LEFT JOIN teams t ON t.id = r.owner_team_id
LEFT JOIN users u ON u.id = r.owner_user_id
WHERE r.id = $1 AND (r.owner_user_id = $2 OR r.owner_team_id = ANY ($3::bigint[]))
