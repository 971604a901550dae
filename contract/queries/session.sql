-- $1 session key. One row: whose session it is; none: unknown or expired.
SELECT user_id
FROM sessions
WHERE key = $1 AND expires_at > now()
