// A contender in Go: net/http and pgx, one statement for each request. It was written from contract/service.md alone.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	poolWait  = 2 * time.Second
	mostBytes = 16384
	mostText  = 2000
)

var (
	session     = regexp.MustCompile(`(?:^|;)[ \t]*sessionid=([A-Za-z0-9_-]{1,128})[ \t]*(?:;|$)`)
	wholeNumber = regexp.MustCompile(`^(?:0|[1-9][0-9]*)$`)
	unavailable = failure{503, "unavailable", "The database is not available. Try again soon."}
	notFound    = failure{404, "not_found", "There is nothing here that you may see."}
	badBody     = failure{400, "bad_body", `The body must be a JSON object with one member, "text": a string of 1 to 2000 characters without U+0000.`}
)

type failure struct {
	status        int
	code, message string
}

func (f failure) Error() string { return f.message }

type service struct {
	pool     *pgxpool.Pool
	queries  map[string]string
	upstream upstream
}

func main() {
	workers, _ := strconv.Atoi(os.Getenv("WORKERS"))
	runtime.GOMAXPROCS(workers)
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	size, _ := strconv.Atoi(os.Getenv("POOL_SIZE"))
	config.MaxConns = int32(size)
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	queries := map[string]string{}
	for _, name := range []string{"recipe_single", "recipe_list_single", "note_create_single", "nutrition_recipe"} {
		text, err := os.ReadFile("queries/" + name + ".sql")
		if err != nil {
			log.Fatal(err)
		}
		queries[name] = string(text)
	}
	server := &http.Server{
		Addr:              net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT")),
		Handler:           &service{pool, queries, newUpstream()},
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       20 * time.Second,
		MaxHeaderBytes:    64 << 10,
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	go func() {
		if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
			log.Fatal(err)
		}
	}()
	<-stop.Done()
	limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = server.Shutdown(limit)
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	status, body, err := s.answer(w, r)
	if err != nil {
		var known failure
		if !errors.As(err, &known) {
			log.Print(err)
			known = unavailable
		}
		if known.status == 503 {
			w.Header().Set("Retry-After", "1")
		}
		status, body = known.status, object("error", object("code", known.code, "message", known.message))
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// Paths are matched as they are sent, so http.ServeMux, which decodes and cleans them, cannot be used.
func (s *service) answer(w http.ResponseWriter, r *http.Request) (int, json.RawMessage, error) {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	if path == "/healthz" {
		return 200, object("status", "ok"), allowed(w, r, "GET, HEAD")
	}
	if path == "/api/v1/recipes" {
		return s.list(w, r)
	}
	rest, found := strings.CutPrefix(path, "/api/v1/recipes/")
	id, isNotes := strings.CutSuffix(rest, "/notes")
	id, isNutrition := strings.CutSuffix(id, "/nutrition")
	if !found || id == "" || strings.Contains(id, "/") || isNotes && isNutrition {
		return 0, nil, notFound
	}
	if isNotes {
		return s.note(w, r, id)
	}
	if isNutrition {
		return s.nutrition(w, r, id)
	}
	return s.recipe(w, r, id)
}

func (s *service) recipe(w http.ResponseWriter, r *http.Request, text string) (int, json.RawMessage, error) {
	key, err := authorized(w, r, "GET, HEAD")
	if err != nil {
		return 0, nil, err
	}
	id, err := number("id", text, 1, 1<<63-1)
	if err != nil {
		return 0, nil, err
	}
	rows, err := s.ask(r, "recipe_single", key, id)
	if err != nil {
		return 0, nil, err
	}
	if rows[0][0] == nil {
		return 0, nil, notFound
	}
	c := rows[0]
	return 200, object("id", c[0], "title", c[1], "author", c[2], "source", c[3], "servings", c[4], "minutes", c[5],
		"tags", c[6], "archived", c[7], "owner", object("type", c[8], "id", c[9], "name", c[10]),
		"created_at", c[11], "updated_at", c[12],
		"ingredients", each(c[13], func(c []any) any {
			return object("id", c[0], "position", c[1], "quantity", c[2], "name", c[3], "description", c[4], "optional", c[5])
		}),
		"sections", each(c[14], func(c []any) any { return object("id", c[0], "position", c[1], "title", c[2]) }),
		"steps", each(c[15], func(c []any) any { return object("id", c[0], "position", c[1], "text", c[2]) }),
		"timeline", object("events", each(c[16], func(c []any) any {
			return object("id", c[0], "action", c[1], "created_by", person(c[2], c[3]), "created_at", c[4])
		}), "notes", each(c[17], note))), nil
}

func (s *service) list(w http.ResponseWriter, r *http.Request) (int, json.RawMessage, error) {
	key, err := authorized(w, r, "GET, HEAD")
	if err != nil {
		return 0, nil, err
	}
	limit, err := parameter(r, "limit", 100, 1, 500)
	if err != nil {
		return 0, nil, err
	}
	after, err := parameter(r, "after", 0, 0, 1<<63-1)
	if err != nil {
		return 0, nil, err
	}
	rows, err := s.ask(r, "recipe_list_single", key, after, limit)
	if err != nil {
		return 0, nil, err
	}
	if rows[0][0] == nil {
		rows = nil
	}
	var next any
	if int64(len(rows)) == limit {
		next = rows[limit-1][0]
	}
	summaries := []any{}
	for _, c := range rows {
		summaries = append(summaries, object("id", c[0], "title", c[1], "author", c[2], "source", c[3], "servings", c[4],
			"minutes", c[5], "tags", c[6], "archived", c[7], "created_at", c[8], "updated_at", c[9]))
	}
	return 200, object("recipes", summaries, "next_after", next), nil
}

func (s *service) note(w http.ResponseWriter, r *http.Request, text string) (int, json.RawMessage, error) {
	key, err := authorized(w, r, "POST")
	if err != nil {
		return 0, nil, err
	}
	id, err := number("id", text, 1, 1<<63-1)
	if err != nil {
		return 0, nil, err
	}
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.Trim(kind, " \t"), "application/json") {
		return 0, nil, failure{415, "unsupported_media_type", "The body must be application/json."}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, mostBytes+1))
	if len(body) > mostBytes {
		return 0, nil, failure{413, "body_too_large", "The body must not be larger than 16384 bytes."}
	}
	said, ok := noteText(body)
	if err != nil || !ok {
		return 0, nil, badBody
	}
	rows, err := s.ask(r, "note_create_single", key, id, said)
	if err != nil {
		return 0, nil, err
	}
	if rows[0][0] == nil {
		return 0, nil, notFound
	}
	return 201, note(append(rows[0], nil)).(json.RawMessage), nil
}

// noteText reads {"text": "..."}. encoding/json replaces invalid Unicode by U+FFFD.
func noteText(body []byte) (string, bool) {
	var members map[string]any
	if !utf8.Valid(body) || json.Unmarshal(body, &members) != nil || len(members) != 1 {
		return "", false
	}
	text, _ := members["text"].(string)
	replaced := strings.Contains(text, "\uFFFD") && !bytes.Contains(body, []byte("\uFFFD")) &&
		!bytes.Contains(bytes.ToLower(body), []byte(`\ufffd`))
	length := utf8.RuneCountInString(text)
	return text, length >= 1 && length <= mostText && !replaced && !strings.Contains(text, "\x00")
}

// ask returns the rows of a statement. Without any row, the session is unknown or expired.
func (s *service) ask(r *http.Request, query string, arguments ...any) ([][]any, error) {
	wait, cancel := context.WithTimeout(r.Context(), poolWait)
	defer cancel()
	connection, err := s.pool.Acquire(wait)
	if err != nil {
		return nil, err
	}
	defer connection.Release()
	rows, err := connection.Query(r.Context(), s.queries[query], arguments...)
	if err != nil {
		return nil, err
	}
	values, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	if err == nil && len(values) == 0 {
		err = unauthorized()
	}
	return values, err
}

func unauthorized() failure {
	return failure{401, "unauthorized", "A valid sessionid cookie is required."}
}

func allowed(w http.ResponseWriter, r *http.Request, methods string) error {
	for _, method := range strings.Split(methods, ", ") {
		if r.Method == method {
			return nil
		}
	}
	w.Header().Set("Allow", methods)
	return failure{405, "method_not_allowed", "This resource does not support that method."}
}

func authorized(w http.ResponseWriter, r *http.Request, methods string) (string, error) {
	if err := allowed(w, r, methods); err != nil {
		return "", err
	}
	found := session.FindStringSubmatch(strings.Join(r.Header["Cookie"], "; "))
	if found == nil {
		return "", unauthorized()
	}
	return found[1], nil
}

func number(name, text string, least, most int64) (int64, error) {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !wholeNumber.MatchString(text) || value < least || value > most {
		message := name + " must be a whole number from " + strconv.FormatInt(least, 10) + " to " + strconv.FormatInt(most, 10) + "."
		return 0, failure{400, "bad_parameter", message}
	}
	return value, nil
}

func parameter(r *http.Request, name string, fallback, least, most int64) (int64, error) {
	given := r.URL.Query()[name]
	if len(given) == 0 {
		return fallback, nil
	}
	// A parameter that is given twice is refused like one that is not a number.
	return number(name, strings.Join(given, "&"), least, most)
}
