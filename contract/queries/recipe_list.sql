-- $1 user, $2 the user's active teams, $3 the id to start after, $4 the largest number of rows.
SELECT id, title, author, source, servings, minutes, tags, archived, created_at, updated_at
FROM recipes
WHERE id > $3 AND (owner_user_id = $1 OR owner_team_id = ANY ($2::bigint[]))
ORDER BY id
LIMIT $4
