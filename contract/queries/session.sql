-- $1 session key. One row: whose session it is. No row: unknown or expired session.
SELECT user_id
FROM sessions
WHERE key = $1 AND expires_at > now()
