// Package secret has a string type that cannot be printed by accident.
//
// A String has its value behind a pointer, so that no fmt verb, slog handler or encoder reaches it, not even through an
// unexported field of another struct. Only Reveal returns the value: check every call of it in reviews.
package secret

import (
	"crypto/subtle"
	"fmt"
	"io"
)

// redacted is printed instead of a secret that is not empty.
const redacted = "[secret]"

// String is a secret string. The zero value is the empty secret. Compare with Equal, because == compares pointers.
type String struct{ value *string }

// New returns a String with the value s.
func New(s string) String {
	if s == "" {
		return String{}
	}
	return String{&s}
}

// Reveal returns the value.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether the secret is empty.
func (s String) IsZero() bool { return s.value == nil }

// Equal reports whether the values are equal. For values of the same length the time does not depend on the content.
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

// Format prints the placeholder for every verb, including %#v, %x and %p.
func (s String) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// MarshalText returns the placeholder to encoders (JSON, TOML, slog).
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
