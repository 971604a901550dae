package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

const mostAnswerBytes = 64 << 10

var (
	badGateway     = failure{502, "bad_gateway", "A service behind this one gave no valid answer."}
	gatewayTimeout = failure{504, "gateway_timeout", "A service behind this one did not answer in time."}
)

// upstream is the service that this one calls. Without a URL there is none.
type upstream struct {
	url      string
	deadline time.Duration
	client   *http.Client
}

func newUpstream() upstream {
	milliseconds, err := strconv.Atoi(os.Getenv("UPSTREAM_DEADLINE_MS"))
	if err != nil {
		milliseconds = 2000
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if file := os.Getenv("UPSTREAM_CA"); file != "" {
		ca, err := os.ReadFile(file)
		if err != nil || !roots.AppendCertsFromPEM(ca) {
			log.Fatalf("UPSTREAM_CA=%s cannot be used (%v)", file, err)
		}
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, MaxIdleConnsPerHost: 100}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return upstream{
		url:      os.Getenv("UPSTREAM_URL"),
		deadline: time.Duration(milliseconds) * time.Millisecond,
		client:   &http.Client{Transport: transport, CheckRedirect: stay},
	}
}

func (s *service) nutrition(w http.ResponseWriter, r *http.Request, text string) (int, json.RawMessage, error) {
	key, err := authorized(w, r, "GET, HEAD")
	if err != nil {
		return 0, nil, err
	}
	id, err := number("id", text, 1, 1<<63-1)
	if err != nil {
		return 0, nil, err
	}
	rows, err := s.ask(r, "nutrition_recipe", key, id)
	if err != nil {
		return 0, nil, err
	}
	if rows[0][0] == nil {
		return 0, nil, notFound
	}
	a, err := s.upstream.all(r.Context(), id)
	if err != nil {
		log.Print(err)
		if errors.Is(err, context.DeadlineExceeded) {
			return 0, nil, gatewayTimeout
		}
		return 0, nil, badGateway
	}
	return 200, object("id", id, "name", rows[0][1], "summary", a.Summary, "confidence", a.Confidence,
		"energy_kcal", a.Energy, "protein_g", a.Protein, "fat_g", a.Fat, "carbohydrate_g", a.Carbohydrate,
		"price_cents", a.Price, "currency", a.Currency), nil
}

// answers holds what the three resources say. A number stays as it was written.
type answers struct {
	ID           *int64          `json:"id"`
	Summary      *string         `json:"summary"`
	Confidence   json.RawMessage `json:"confidence"`
	Energy       json.RawMessage `json:"energy_kcal"`
	Protein      json.RawMessage `json:"protein_g"`
	Fat          json.RawMessage `json:"fat_g"`
	Carbohydrate json.RawMessage `json:"carbohydrate_g"`
	Price        json.RawMessage `json:"price_cents"`
	Currency     *string         `json:"currency"`
}

// all makes the three calls side by side. When one has failed for good, the others are cancelled.
func (u upstream) all(parent context.Context, id int64) (*answers, error) {
	if u.url == "" {
		return nil, errors.New("UPSTREAM_URL is not set")
	}
	limit, cancel := context.WithTimeout(parent, u.deadline)
	defer cancel()
	names := []string{"analysis", "facts", "price"}
	said := make([]answers, len(names))
	results := make(chan error, len(names))
	for at, name := range names {
		go func() { results <- u.call(limit, name, id, &said[at]) }()
	}
	for range names {
		if err := <-results; err != nil {
			return nil, err
		}
	}
	all := said[1]
	all.Summary, all.Confidence = said[0].Summary, said[0].Confidence
	all.Price, all.Currency = said[2].Price, said[2].Currency
	numbers := []json.RawMessage{all.Confidence, all.Energy, all.Protein, all.Fat, all.Carbohydrate, all.Price}
	if all.Summary == nil || all.Currency == nil || slices.ContainsFunc(numbers, isNoNumber) {
		return nil, errors.New("a member is missing, or of another type")
	}
	return &all, nil
}

func isNoNumber(value json.RawMessage) bool {
	return len(value) == 0 || !strings.ContainsRune("-0123456789", rune(value[0]))
}

// call asks again where that is allowed: an analysis never, facts once, a price twice.
func (u upstream) call(limit context.Context, name string, id int64, into *answers) error {
	most := map[string]int{"facts": 1, "price": 2}[name]
	for repeats := 0; ; repeats++ {
		status, body, err := u.get(limit, fmt.Sprintf("/%s/%d", name, id))
		again := err != nil && limit.Err() == nil && isLost(err) || err == nil && status == 503 && name == "price"
		if again && repeats < most {
			pause := min(100, 10<<repeats) * int(time.Millisecond)
			select {
			case <-limit.Done():
				return limit.Err()
			case <-time.After(time.Duration(rand.IntN(pause))):
			}
			continue
		}
		if err != nil {
			return err
		}
		if status != 200 {
			return fmt.Errorf("%s: status %d", name, status)
		}
		if err := json.Unmarshal(body, into); err != nil {
			return err
		}
		if into.ID == nil || *into.ID != id {
			return fmt.Errorf("%s: of another recipe", name)
		}
		return nil
	}
}

func (u upstream) get(limit context.Context, path string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(limit, "GET", u.url+path, nil)
	if err != nil {
		return 0, nil, err
	}
	response, err := u.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostAnswerBytes+1))
	if err != nil {
		return 0, nil, fmt.Errorf("the body was cut off: %w", errCut{err})
	}
	if len(body) > mostAnswerBytes {
		return 0, nil, errors.New("the body is too large")
	}
	return response.StatusCode, body, nil
}

// errCut is an error after the head of an answer: its call is not made again.
type errCut struct{ error }

func (e errCut) Unwrap() error { return e.error }

// isLost says whether a connection was refused, or ended before an answer.
func isLost(err error) bool {
	var cut errCut
	var untrusted *tls.CertificateVerificationError
	var noTLS tls.RecordHeaderError
	return !errors.As(err, &cut) && !errors.As(err, &untrusted) && !errors.As(err, &noTLS)
}
