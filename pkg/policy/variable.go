package policy

import (
	"fmt"
	"strings"
)

// piece is a part of a policy string: literal text, or a variable. ${*}, ${?} and ${$} are fixed pieces, which stand
// for the character without its special meaning.
type piece struct {
	text     string // of a literal or fixed piece
	fixed    bool
	variable string // the condition key whose value replaces it
	fallback *string
}

// pieces splits a string of a 2012-10-17 document at its variables: ${key} and ${key, 'default'} (IAM user guide,
// reference_policies_variables). A "$" without "{" is literal. A variable that is not closed or has no name is an
// error (assumed).
func pieces(text string) ([]piece, error) {
	var out []piece
	for {
		start := strings.Index(text, "${")
		if start < 0 {
			return append(out, piece{text: text}), nil
		}
		out = append(out, piece{text: text[:start]})
		rest := text[start+2:]
		p, size, err := variableIn(rest)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
		text = rest[size:]
	}
}

// variableIn parses what follows "${", and returns its length in bytes, including the "}".
func variableIn(text string) (piece, int, error) {
	end := strings.IndexAny(text, ",}")
	if end < 0 {
		return piece{}, 0, fmt.Errorf("variable in %q is not closed by }", "${"+text)
	}
	name := strings.TrimSpace(text[:end])
	if name == "" || strings.ContainsAny(name, "${'\"") && name != "$" {
		return piece{}, 0, fmt.Errorf("variable %q has no valid condition key as its name", "${"+text[:end]+"}")
	}
	special := name == "*" || name == "?" || name == "$"
	switch {
	case text[end] == ',' && special:
		return piece{}, 0, fmt.Errorf("variable %q takes no default", "${"+name+"}")
	case text[end] == ',':
		return withDefault(name, text, end+1)
	case special:
		return piece{text: name, fixed: true}, end + 1, nil
	}
	return piece{variable: name}, end + 1, nil
}

// withDefault parses the 'default' and "}" after the comma before at.
func withDefault(name, text string, at int) (piece, int, error) {
	bad := fmt.Errorf("variable %q: the default must be written ${key, 'default'}", "${"+name+"}")
	rest := strings.TrimLeft(text[at:], " ")
	if !strings.HasPrefix(rest, "'") {
		return piece{}, 0, bad
	}
	value, rest, closed := strings.Cut(rest[1:], "'")
	rest = strings.TrimLeft(rest, " ")
	if !closed || !strings.HasPrefix(rest, "}") {
		return piece{}, 0, bad
	}
	return piece{variable: name, fallback: &value}, len(text) - len(rest) + 1, nil
}

// reading says how a policy's strings are parsed: with wildcards or not, with variables or not.
type reading struct {
	wildcards, variables bool
	context              Context
}

// unresolved is the error for a variable that has no single value in the request.
type unresolved struct{ variable string }

func (u unresolved) Error() string {
	return fmt.Sprintf("variable ${%s} has no single value in this request", named(u.variable))
}

// pattern replaces the variables by their values, which are literal: a "*" in a value is not a wildcard (assumed; AWS
// does not say). A key with several values is unresolved, even with a default (assumed).
func (r reading) pattern(text string) (pattern, error) {
	if !r.variables {
		return r.literal(nil, text), nil
	}
	parts, err := pieces(text)
	if err != nil {
		return nil, err
	}
	var p pattern
	for _, part := range parts {
		if part.variable == "" {
			if part.fixed {
				p = append(p, runes(part.text)...)
			} else {
				p = r.literal(p, part.text)
			}
			continue
		}
		value, err := r.value(part)
		if err != nil {
			return nil, err
		}
		p = append(p, runes(value)...)
	}
	return p, nil
}

func (r reading) patterns(texts []string) ([]pattern, error) {
	out := make([]pattern, len(texts))
	for i, text := range texts {
		var err error
		if out[i], err = r.pattern(text); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// show joins the strings for a sentence, with their variables replaced.
func (r reading) show(texts []string, read []pattern) string {
	shown := make([]string, len(texts))
	for i, p := range read {
		shown[i] = fmt.Sprintf("%q", clipped(texts[i]))
		if r.variables && strings.Contains(texts[i], "${") {
			shown[i] = fmt.Sprintf("%q (%s)", clipped(p.show(r.wildcards)), clipped(texts[i]))
		}
	}
	return alternatives(shown)
}

func (r reading) literal(p pattern, text string) pattern {
	if r.wildcards {
		return appendWild(p, text)
	}
	return append(p, runes(text)...)
}

func (r reading) value(variable piece) (string, error) {
	switch values := r.context.Lookup(variable.variable); {
	case len(values) == 1:
		return values[0], nil
	case len(values) == 0 && variable.fallback != nil:
		return *variable.fallback, nil
	}
	return "", unresolved{variable.variable}
}
