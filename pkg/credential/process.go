package credential

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// WriteProcess writes the credential process document (Version 1), in one Write. It is an error if c has no keys or no
// expiration: without one, an SDK never asks for another credential.
func (c Credential) WriteProcess(w io.Writer) error {
	// Version must be a number: the Java SDK accepts nothing else.
	return c.writeDocument(w, "{\n  \"Version\": 1,", "SessionToken")
}

// WriteContainer writes the document of a container credentials endpoint, in one Write. It has the same errors as
// WriteProcess.
func (c Credential) WriteContainer(w io.Writer) error { return c.writeDocument(w, "{", "Token") }

func (c Credential) writeDocument(w io.Writer, begin, tokenName string) error {
	if c.IsZero() || c.SecretAccessKey.IsZero() {
		return errors.New("printing credential: it has no keys")
	}
	if c.Expiration.IsZero() {
		return errors.New("printing credential: it has no expiration")
	}
	document, separator := []byte(begin), ""
	for _, member := range []struct{ name, value string }{
		{"AccessKeyId", c.AccessKeyID},
		{"SecretAccessKey", c.SecretAccessKey.Reveal()},
		{tokenName, c.SessionToken.Reveal()},
		{"Expiration", timestamp(c.Expiration)},
		{"AccountId", c.Principal.AccountID()},
	} {
		if member.value != "" {
			document = append(document, separator+"\n  \""+member.name+"\": "+jsonString(member.value)...)
			separator = ","
		}
	}
	return write(w, append(document, "\n}\n"...))
}

// jsonString returns s as a JSON string without characters that a terminal acts on. It avoids encoding/json for a string without characters to escape: the first use
// of that package takes longer than the rest of printing a cached credential.
func jsonString(s string) string {
	unescaped := func(r rune) bool { return r >= ' ' && r <= '~' && r != '"' && r != '\\' }
	if only(s, unescaped) {
		return `"` + s + `"`
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err) // cannot happen for a string
	}
	return string(sanitize.JSON(quoted))
}

// timestamp returns t in UTC as RFC 3339 without fractions of a second: the Rust SDK reads no other ISO 8601 form.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// writeJSON encodes into a buffer first, so that nothing is printed if that fails.
func writeJSON(w io.Writer, document any) error {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return errors.New("printing credential: it cannot be encoded as JSON")
	}
	return write(w, sanitize.JSON(out.Bytes()))
}

func write(w io.Writer, text []byte) error {
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("printing credential: %w", err)
	}
	return nil
}
