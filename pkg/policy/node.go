package policy

import (
	"errors"
	"fmt"
)

// node is a JSON value. Unlike encoding/json's maps it preserves the order of object keys.
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

// member returns the value of that name, or nil if there is none.
func (n node) member(name string) *node {
	for i := range n.members {
		if n.members[i].name == name {
			return &n.members[i].value
		}
	}
	return nil
}

// string returns the value of a JSON string.
func (n node) string() (string, error) {
	if n.kind != textKind {
		return "", fmt.Errorf("is %s, not a string", n.kind)
	}
	return n.text, nil
}

// strings returns the strings of a list, or a single string as a list of one. If scalars is true, numbers and
// booleans are accepted as text.
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
