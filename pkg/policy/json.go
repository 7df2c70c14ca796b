package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Limits of a document. AWS counts characters without white space (IAM user guide, reference_iam-quotas), and its API
// accepts at most 131,072 bytes. The limits of each kind are smaller (2,048 characters for a trust policy); the
// caller checks them.
const (
	maxCharacters = 10240
	maxBytes      = 131072
	maxDepth      = 8 // condition values are at depth 7
)

func readJSON(document []byte) (node, error) {
	if err := checkSize(document); err != nil {
		return node{}, err
	}
	if err := json.Unmarshal(document, new(json.RawMessage)); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return node{}, fmt.Errorf("reading JSON: line %d: %w", lineAt(document, syntax.Offset), err)
		}
		return node{}, fmt.Errorf("reading JSON: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	n, err := readNode(decoder, 1)
	if err != nil {
		return node{}, fmt.Errorf("line %d: %w", lineAt(document, decoder.InputOffset()), err)
	}
	return n, nil
}

// lineAt returns the line of an offset, from 1.
func lineAt(document []byte, offset int64) int {
	return 1 + bytes.Count(document[:min(int(offset), len(document))], []byte("\n"))
}

func checkSize(document []byte) error {
	if len(document) > maxBytes {
		return fmt.Errorf("document has %d bytes, more than %d", len(document), maxBytes)
	}
	if !utf8.Valid(document) {
		return errors.New("document is not UTF-8")
	}
	count := 0
	for _, r := range string(document) {
		if !unicode.IsSpace(r) {
			count++
		}
	}
	if count > maxCharacters {
		return fmt.Errorf("document has %d characters without white space, more than %d", count, maxCharacters)
	}
	return nil
}

func readNode(decoder *json.Decoder, depth int) (node, error) {
	if depth > maxDepth {
		return node{}, fmt.Errorf("document is nested deeper than %d", maxDepth)
	}
	token, err := decoder.Token()
	if err != nil {
		return node{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return readObject(decoder, depth)
		}
		return readList(decoder, depth)
	case string:
		return node{kind: textKind, text: t}, nil
	case json.Number:
		return node{kind: numberKind, text: t.String()}, nil
	case bool:
		return node{kind: booleanKind, text: fmt.Sprint(t)}, nil
	}
	return node{kind: nullKind}, nil
}

func readObject(decoder *json.Decoder, depth int) (node, error) {
	n := node{kind: objectKind}
	seen := map[string]bool{}
	for decoder.More() {
		name, err := readNode(decoder, depth)
		if err != nil {
			return node{}, err
		}
		if seen[name.text] {
			return node{}, fmt.Errorf("duplicate key %q in one object", clipped(name.text))
		}
		seen[name.text] = true
		value, err := readNode(decoder, depth+1)
		if err != nil {
			return node{}, err
		}
		n.members = append(n.members, member{name.text, value})
	}
	_, err := decoder.Token()
	return n, err
}

func readList(decoder *json.Decoder, depth int) (node, error) {
	n := node{kind: listKind}
	for decoder.More() {
		item, err := readNode(decoder, depth+1)
		if err != nil {
			return node{}, err
		}
		n.items = append(n.items, item)
	}
	_, err := decoder.Token()
	return n, err
}
