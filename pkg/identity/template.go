package identity

import (
	"fmt"
	"strings"
)

// Template is text with placeholders in braces, such as "uploads/{sub}/" or "{claim:team}".
type Template struct{ parts []part }

// part is either literal text or the name of a placeholder.
type part struct{ text, placeholder string }

// ParseTemplate parses a template. It is an error if a brace is unbalanced or if known returns false for a placeholder.
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

// NoValueError says that a placeholder has no value.
type NoValueError struct{ Placeholder string }

// Error returns the placeholder in braces.
func (e *NoValueError) Error() string { return "there is no value for {" + e.Placeholder + "}" }

// Expand replaces the placeholders with their values. The error is a *NoValueError if one has none.
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

// Placeholders returns the placeholders in order.
func (t Template) Placeholders() []string {
	var names []string
	for _, p := range t.parts {
		if p.placeholder != "" {
			names = append(names, p.placeholder)
		}
	}
	return names
}

// String returns the template's text.
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

// IsSessionPlaceholder reports whether a session name may use the placeholder.
func IsSessionPlaceholder(name string) bool {
	claim, isClaim := strings.CutPrefix(name, "claim:")
	return name == "sub" || name == "email" || isClaim && claim != ""
}

// Value returns the value of a session name's placeholder.
func (c Claims) Value(placeholder string) (string, bool) {
	switch placeholder {
	case "sub":
		return c.Subject, c.Subject != ""
	case "email":
		return c.Email, c.Email != ""
	}
	return c.Claim(strings.TrimPrefix(placeholder, "claim:"))
}
