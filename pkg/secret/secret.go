// Package secret answers: how do we hold a value that must not print by accident?
//
// A String keeps its value behind a pointer, so that no verb of fmt, no slog handler and no encoder
// reaches it, not even through an unexported field of another struct. Reveal is the only door; every
// call of it is worth a look in review.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
)

// redacted stands wherever a non-empty secret would have been printed.
const redacted = "[secret]"

// String is a secret text. The zero value is the empty secret. Compare with Equal: == compares
// pointers.
type String struct{ value *string }

// New wraps s.
func New(s string) String {
	if s == "" {
		return String{}
	}
	return String{&s}
}

// Reveal returns the text itself: for the wire, the stores and the printed forms, nowhere else.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether the secret is empty.
func (s String) IsZero() bool { return s.value == nil }

// Equal compares in constant time for equal lengths.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns a placeholder, or "" for the empty secret.
func (s String) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format prints the placeholder whatever the verb, %#v, %x and %p included.
func (s String) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText gives encoders (JSON, TOML, slog) the placeholder.
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
