package identity

import (
	"fmt"
	"strings"
)

// Template is text with placeholders in braces, such as "uploads/{sub}/" or "{claim:team}".
type Template struct{ parts []part }

// part is either literal text or the name of a placeholder.
type part struct{ text, placeholder string }

// ParseTemplate reads a template. A brace without its partner, an empty placeholder and one that
// known refuses are errors.
func ParseTemplate(text string, known func(placeholder string) bool) (Template, error) {
	var t Template
	for rest := text; rest != ""; {
		open := strings.IndexAny(rest, "{}")
		if open < 0 {
			t.parts = append(t.parts, part{text: rest})
			break
		}
		if rest[open] == '}' {
			return Template{}, fmt.Errorf("template %q has a } without a {", text)
		}
		if open > 0 {
			t.parts = append(t.parts, part{text: rest[:open]})
		}
		name, after, closed := strings.Cut(rest[open+1:], "}")
		if !closed {
			return Template{}, fmt.Errorf("template %q has a { without a }", text)
		}
		if !known(name) {
			return Template{}, fmt.Errorf("template %q has an unknown placeholder {%s}", text, name)
		}
		t.parts = append(t.parts, part{placeholder: name})
		rest = after
	}
	return t, nil
}

// NoValueError names a placeholder that nobody has a value for.
type NoValueError struct{ Placeholder string }

// Error names it as it stands in a template.
func (e *NoValueError) Error() string { return "there is no value for {" + e.Placeholder + "}" }

// Expand puts values in place of the placeholders. One that value does not have is a *NoValueError.
func (t Template) Expand(value func(placeholder string) (string, bool)) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		if p.placeholder == "" {
			b.WriteString(p.text)
			continue
		}
		v, ok := value(p.placeholder)
		if !ok || v == "" {
			return "", &NoValueError{p.placeholder}
		}
		b.WriteString(v)
	}
	return b.String(), nil
}

// Placeholders lists the placeholders in the order they stand in.
func (t Template) Placeholders() []string {
	var names []string
	for _, p := range t.parts {
		if p.placeholder != "" {
			names = append(names, p.placeholder)
		}
	}
	return names
}

// String returns the template as it was written.
func (t Template) String() string {
	var b strings.Builder
	for _, p := range t.parts {
		if p.placeholder != "" {
			b.WriteString("{" + p.placeholder + "}")
		}
		b.WriteString(p.text)
	}
	return b.String()
}

// IsSessionPlaceholder reports whether a session name may use that placeholder.
func IsSessionPlaceholder(name string) bool {
	claim, isClaim := strings.CutPrefix(name, "claim:")
	return name == "sub" || name == "email" || isClaim && claim != ""
}

// Value returns what the claims have for a session name's placeholder.
func (c Claims) Value(placeholder string) (string, bool) {
	switch placeholder {
	case "sub":
		return c.Subject, c.Subject != ""
	case "email":
		return c.Email, c.Email != ""
	}
	return c.Claim(strings.TrimPrefix(placeholder, "claim:"))
}
