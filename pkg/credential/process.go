package credential

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// WriteProcess prints the credential process document (Version 1) and nothing else, in one Write.
// A credential without keys or without an expiration is refused: an SDK that reads no Expiration never
// asks again.
func (c Credential) WriteProcess(w io.Writer) error {
	if c.IsZero() || c.SecretAccessKey.IsZero() {
		return errors.New("printing credential: it has no keys")
	}
	if c.Expiration.IsZero() {
		return errors.New("printing credential: it has no expiration")
	}
	// Version must be a number: the Java SDK takes nothing else.
	document := []byte("{\n  \"Version\": 1")
	for _, member := range []struct{ name, value string }{
		{"AccessKeyId", c.AccessKeyID},
		{"SecretAccessKey", c.SecretAccessKey.Reveal()},
		{"SessionToken", c.SessionToken.Reveal()},
		{"Expiration", timestamp(c.Expiration)},
		{"AccountId", c.Principal.AccountID()},
	} {
		if member.value != "" {
			document = append(document, ",\n  \""+member.name+"\": "+jsonText(member.value)...)
		}
	}
	return write(w, append(document, "\n}\n"...))
}

// jsonText quotes a text for JSON. What AWS issues has nothing to escape, and encoding/json's first use
// in a process costs a cached call more than all of the printing.
func jsonText(text string) string {
	plain := func(r rune) bool { return r >= ' ' && r <= '~' && r != '"' && r != '\\' }
	if strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return `"` + text + `"`
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string has no JSON that fails
	}
	return string(quoted)
}

// timestamp is RFC 3339 in UTC, cut to the second: the Rust SDK reads no other ISO 8601 form.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// writeJSON encodes into a buffer first, so that a failure leaves nothing half printed.
func writeJSON(w io.Writer, document any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return errors.New("printing credential: it does not encode as JSON")
	}
	return write(w, out.Bytes())
}

func write(w io.Writer, text []byte) error {
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("printing credential: %w", err)
	}
	return nil
}
