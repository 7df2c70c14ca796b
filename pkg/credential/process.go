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
	// Version must be a number: the Java SDK takes nothing else.
	return c.writeDocument(w, "{\n  \"Version\": 1,", "SessionToken")
}

// WriteContainer prints what an SDK reads from a container credentials endpoint, in one Write. It refuses
// what WriteProcess refuses.
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
			document = append(document, separator+"\n  \""+member.name+"\": "+jsonText(member.value)...)
			separator = ","
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
