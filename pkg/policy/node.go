package policy

import (
	"errors"
	"fmt"
)

// node is a JSON value with its object keys in order, which encoding/json alone would not keep, nor
// would it notice a key written twice.
type node struct {
	members []member // of an object
	items   []node   // of a list
	text    string   // of a string, number or boolean
	kind    kind
}

type member struct {
	name  string
	value node
}

type kind string

const (
	objectKind  kind = "an object"
	listKind    kind = "a list"
	textKind    kind = "a string"
	numberKind  kind = "a number"
	booleanKind kind = "a boolean"
	nullKind    kind = "null"
)

// member returns the value under that name, or nil.
func (n node) member(name string) *node {
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i].value
		}
	}
	return nil
}

// string returns the text of a string.
func (n node) string() (string, error) {
	if n.kind != textKind {
		return "", fmt.Errorf("is %s, not a string", n.kind)
	}
	return n.text, nil
}

// strings returns one or more strings: a list's, or the one that stands alone. Where scalars is set,
// numbers and booleans count as their text.
func (n node) strings(scalars bool) ([]string, error) {
	items := n.items
	if n.kind != listKind {
		items = []node{n}
	}
	if len(items) == 0 {
		return nil, errors.New("is an empty list")
	}
	out := make([]string, len(items))
	for i, item := range items {
		if scalars && (item.kind == numberKind || item.kind == booleanKind) {
			out[i] = item.text
			continue
		}
		var err error
		if out[i], err = item.string(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
