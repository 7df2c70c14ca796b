package credential

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// sdkResponse is a copy of CredentialProcessResponse of the Go SDK's processcreds package, without a dependency on it.
type sdkResponse struct {
	Version         int
	AccessKeyID     string `json:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      *time.Time
	AccountID       string `json:"AccountId"`
}

func TestWriteProcess(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := sample().WriteProcess(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), `"Expiration": "2026-03-04T13:00:00Z"`) {
		t.Errorf("the expiration is not strict RFC 3339 in UTC:\n%s", out.String())
	}
	readBack(t, sample(), out.Bytes())
}

func readBack(t *testing.T, c Credential, document []byte) {
	t.Helper()
	var got sdkResponse
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&got); err != nil {
		t.Fatalf("reading the document back: %v", err)
	}
	if decoder.More() {
		t.Error("there is data after the document")
	}
	if got.Expiration == nil || !got.Expiration.Equal(c.Expiration.Truncate(time.Second)) {
		t.Errorf("Expiration = %v, want %v", got.Expiration, c.Expiration)
	}
	got.Expiration = nil
	want := sdkResponse{1, c.AccessKeyID, c.SecretAccessKey.Reveal(), c.SessionToken.Reveal(), nil, c.Principal.AccountID()}
	if got != want {
		t.Errorf("read back %+v, want %+v", got, want)
	}
}

func TestWriteProcessInAnotherZone(t *testing.T) {
	t.Parallel()
	c := sample()
	c.Expiration = c.Expiration.In(time.FixedZone("", 5*3600))
	c.Principal = Principal{}
	var out bytes.Buffer
	if err := c.WriteProcess(&out); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "AccountId") || !strings.Contains(out.String(), "13:00:00Z") {
		t.Errorf("want UTC and no AccountId, got\n%s", out.String())
	}
	readBack(t, c, out.Bytes())
}

func TestWriteProcessRefuses(t *testing.T) {
	t.Parallel()
	noExpiration, noSecret := sample(), sample()
	noExpiration.Expiration = time.Time{}
	noSecret.SecretAccessKey = secret.String{}
	for name, c := range map[string]Credential{"none": {}, "no expiration": noExpiration, "no secret": noSecret} {
		var out bytes.Buffer
		if err := c.WriteProcess(&out); err == nil || out.Len() > 0 {
			t.Errorf("%s: error %v and %d bytes, want an error and nothing", name, err, out.Len())
		}
	}
}

// onceWriter fails at the second Write.
type onceWriter struct{ writes int }

func (w *onceWriter) Write(p []byte) (int, error) {
	if w.writes++; w.writes > 1 {
		return 0, errors.New("written twice")
	}
	return len(p), nil
}

// A credential is printed in one Write, so that no reader sees a part of it.
func TestOneWrite(t *testing.T) {
	t.Parallel()
	if err := sample().WriteProcess(&onceWriter{}); err != nil {
		t.Errorf("process: %v", err)
	}
	for _, s := range []Shell{Sh, Fish, PowerShell, Cmd, Dotenv, JSON, Process} {
		if err := s.Write(&onceWriter{}, NewEnvironment(sample(), Place{})); err != nil {
			t.Errorf("%s: %v", s, err)
		}
		if err := s.WriteFailure(&onceWriter{}, UnsetEnvironment()); err != nil {
			t.Errorf("%s after a failure: %v", s, err)
		}
	}
}

func FuzzWriteProcess(f *testing.F) {
	f.Add("ASIA", "secret", "token")
	f.Add("<&>", "\"\\\u2028\x00", "\n")
	f.Fuzz(func(t *testing.T, id, key, token string) {
		c := sample()
		valid := func(s string) string { return strings.ToValidUTF8(s, "") }
		c.AccessKeyID, c.SecretAccessKey, c.SessionToken = valid(id), secret.New(valid(key)), secret.New(valid(token))
		var out bytes.Buffer
		if err := c.WriteProcess(&out); err == nil {
			readBack(t, c, out.Bytes())
		}
	})
}
