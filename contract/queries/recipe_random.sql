-- $1 user, $2 the number of rows: 1. Any recipe of the user or of the user's active teams; no row if there is none.
-- It replaces recipe.sql if LOOKUP is random, and is written as in the article: it joins all recipes and sorts the
-- user's and, because the limit is a parameter, Postgres plans it anew at each execution.
SELECT r.id, r.title, r.author, r.source, r.servings, r.minutes, r.tags, r.archived,
       CASE WHEN r.owner_team_id IS NULL THEN 'user' ELSE 'team' END AS owner_type,
       coalesce(r.owner_team_id, r.owner_user_id) AS owner_id,
       coalesce(t.name, u.name) AS owner_name,
       r.created_at, r.updated_at
FROM recipes r
LEFT JOIN users u ON u.id = r.owner_user_id
LEFT JOIN teams t ON t.id = r.owner_team_id
WHERE u.id = $1
   OR t.id IN (SELECT m.team_id
               FROM memberships m
               WHERE m.user_id = $1 AND m.active)
ORDER BY random()
LIMIT $2
