package main

import (
	"bytes"
	"encoding/json"
	"time"
)

// object writes members in the order in which they are given: a name, a value, and so on.
func object(members ...any) json.RawMessage {
	var out bytes.Buffer
	for at, member := range members {
		switch {
		case at == 0:
			out.WriteByte('{')
		case at%2 == 1:
			out.WriteByte(':')
		default:
			out.WriteByte(',')
		}
		out.Write(encoded(member))
	}
	out.WriteByte('}')
	return out.Bytes()
}

// each writes an array of composites, which pgx returns as []any of []any. NULL counts as empty.
func each(composites any, write func([]any) any) []any {
	written := []any{}
	if composites, ok := composites.([]any); ok {
		for _, composite := range composites {
			written = append(written, write(composite.([]any)))
		}
	}
	return written
}

func note(c []any) any {
	return object("id", c[0], "text", c[1], "created_by", person(c[2], c[3]), "created_at", c[4], "updated_at", c[5],
		"reactions", each(c[6], func(c []any) any {
			return object("id", c[0], "emoji", c[1], "created_by", person(c[2], c[3]), "created_at", c[4])
		}))
}

func person(id, name any) any {
	if id == nil {
		return nil
	}
	return object("id", id, "name", name)
}

func encoded(value any) []byte {
	if moment, ok := value.(time.Time); ok {
		layout := "2006-01-02T15:04:05.000000Z"
		if moment.Nanosecond() == 0 {
			layout = "2006-01-02T15:04:05Z"
		}
		value = moment.UTC().Format(layout)
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	// Every value of a row can be written as JSON.
	_ = encoder.Encode(value)
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
