package profile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// maxFileBytes bounds the configuration file.
const maxFileBytes = 1 << 20

// shape is what a TOML expression gives its key.
type shape int

const (
	shapeTable shape = iota // a header, an inline table
	shapeText
	shapeBool
	shapeList  // of texts only
	shapeOther // numbers, dates, mixed lists, arrays of tables
)

// entry is one key or table of a file, in the file's order.
type entry struct {
	path   []string
	shape  shape
	texts  []string // of shapeText and shapeBool one, of shapeList any number
	offset int      // of the key's last part, in bytes
	kind   string   // for shapeOther, in words
}

// document is a TOML file, flattened. Only the parser's AST has the positions that messages need.
type document struct {
	file    string
	parser  unstable.Parser
	entries []entry
	named   map[string]bool // the joined paths that have an entry
	fault   *Error
}

// maxExpressions bounds the keys and tables of a file: go-toml's check for redefinitions takes quadratic time.
const maxExpressions = 20_000

// parseFile flattens a file. Its errors have a position.
func parseFile(file string, text []byte) (*document, error) {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, &Error{File: file, Message: "is UTF-16", Hint: "save it as UTF-8"}
	}
	d := &document{file: file, named: map[string]bool{}}
	d.parser.Reset(text)
	var table []string
	inArray := false
	for n := 0; d.fault == nil && d.parser.NextExpression(); n++ {
		node := d.parser.Expression()
		switch {
		case n == maxExpressions:
			d.fault = &Error{File: file, Message: fmt.Sprintf("more than %d keys and tables", maxExpressions)}
		case node.Kind == unstable.Table:
			var offsets []int
			table, offsets = d.keyPath(nil, node)
			d.add(entry{path: table, shape: shapeTable}, offsets)
			inArray = false
		case node.Kind == unstable.ArrayTable:
			path, offsets := d.keyPath(nil, node)
			d.add(entry{path: path, shape: shapeOther, kind: "an array of tables"}, offsets)
			inArray = true // the schema has no arrays of tables, so what one holds is not read
		case node.Kind == unstable.KeyValue && !inArray:
			d.keyValue(table, node)
		}
	}
	if d.fault == nil {
		d.fault = d.check(text)
	}
	if d.fault != nil {
		return nil, d.fault
	}
	return d, nil
}

// check has go-toml report what the parser found wrong, and keys and tables that are defined twice.
func (d *document) check(text []byte) *Error {
	err := toml.Unmarshal(text, &struct{}{})
	if err == nil {
		return nil
	}
	wrong, ok := errors.AsType[*toml.DecodeError](err)
	if !ok {
		return &Error{File: d.file, Message: "not a TOML file"}
	}
	line, column := wrong.Position()
	lines := bytes.SplitAfterN(text, []byte("\n"), line+1)
	offset := len(bytes.Join(lines[:line-1], nil)) + column - 1
	// The message quotes keys and single characters, never a value.
	fault := d.at(offset).fault("", "%s", sanitize.Short(strings.TrimPrefix(wrong.Error(), "toml: "), 200))
	if len(wrong.Key()) > 0 {
		d.nameWhole(fault, wrong.Key(), offset)
	} else if unquoted(lines[line-1]) {
		fault.Hint = "a text needs quotes: region = \"us-east-1\""
	}
	return fault
}

// nameWhole adds to a redefinition, whose key begins at that offset, the key's whole path and its last part's
// position: go-toml knows neither. What an array of tables holds has no entry and stays as it is.
func (d *document) nameWhole(fault *Error, key []string, offset int) {
	for _, e := range d.entries {
		above := len(e.path) - len(key)
		if e.offset < offset || above < 0 || !slices.Equal(e.path[above:], key) || d.at(e.offset).line != fault.Line {
			continue
		}
		fault.Column = d.at(e.offset).column
		fault.Message = fmt.Sprintf("%q: %s", strings.Join(e.path, "."), fault.Message)
		break
	}
	isText := func(e entry) bool { return joinPath(e.path) == "profile" && e.shape == shapeText }
	if i := slices.IndexFunc(d.entries, isText); i >= 0 && key[0] == "profile" {
		fault.Hint = fmt.Sprintf("write default_profile = %q", d.entries[i].texts[0])
	}
}

// unquoted reports whether a line gives its key a value that begins like a bare word. The value itself stays
// out of the hint: it may be a secret.
func unquoted(line []byte) bool {
	_, value, _ := bytes.Cut(line, []byte("="))
	value = bytes.TrimSpace(value)
	return len(value) > 0 && !bytes.ContainsAny(value[:1], "\"'[{#")
}

// at turns an offset into a position. It reads the file from its start, so it is only for the few entries
// that are used or wrong.
func (d *document) at(offset int) origin {
	before := d.parser.Data()[:offset]
	return origin{file: d.file, line: bytes.Count(before, []byte("\n")) + 1, column: offset - bytes.LastIndexByte(before, '\n')}
}

// keyValue takes a.b = value within a table.
func (d *document) keyValue(table []string, node *unstable.Node) {
	path, offsets := d.keyPath(table, node)
	value := node.Value()
	e := entry{path: path}
	e.read(value)
	d.add(e, offsets)
	if value.Kind == unstable.InlineTable {
		for children := value.Children(); children.Next() && d.fault == nil; {
			d.keyValue(path, children.Node())
		}
	}
}

// add appends an entry, and before it the tables that its key implies and that have none. An entry's
// offset is that of its path's last part.
func (d *document) add(e entry, offsets []int) {
	for i := 1; i < len(e.path); i++ {
		if !d.named[joinPath(e.path[:i])] {
			d.add(entry{path: e.path[:i:i], shape: shapeTable}, offsets)
		}
	}
	d.named[joinPath(e.path)] = true
	e.offset = offsets[len(e.path)-1]
	d.entries = append(d.entries, e)
}

// read takes a value out of the parser's memory.
func (e *entry) read(value *unstable.Node) {
	switch value.Kind {
	case unstable.InlineTable:
		e.shape = shapeTable
	case unstable.String:
		e.shape, e.texts = shapeText, []string{string(value.Data)}
	case unstable.Bool:
		e.shape, e.texts = shapeBool, []string{string(value.Data)}
	case unstable.Array:
		e.shape = shapeList
		for children := value.Children(); children.Next(); {
			if children.Node().Kind != unstable.String {
				e.shape, e.kind = shapeOther, "a list of other things than texts"
				return
			}
			e.texts = append(e.texts, string(children.Node().Data))
		}
	case unstable.Integer, unstable.Float:
		e.shape, e.kind = shapeOther, "a number"
	default:
		e.shape, e.kind = shapeOther, "a date or time"
	}
}

// maxDepth bounds the parts of a key; the schema's longest has four.
const maxDepth = 16

// keyPath returns a node's key below a table, and where each of the key's own parts begins.
func (d *document) keyPath(table []string, node *unstable.Node) (path []string, offsets []int) {
	path, offsets = slices.Clone(table), make([]int, len(table))
	for parts := node.Key(); parts.Next() && d.fault == nil; {
		path = append(path, string(parts.Node().Data))
		offsets = append(offsets, int(parts.Node().Raw.Offset))
		if len(path) > maxDepth {
			d.fault = d.at(offsets[maxDepth]).fault("", "nested more than %d deep", maxDepth)
		}
	}
	return path, offsets
}

// pathSeparator cannot stand in a TOML key but as an escape.
const pathSeparator = "\x00"

func joinPath(path []string) string { return strings.Join(path, pathSeparator) }
