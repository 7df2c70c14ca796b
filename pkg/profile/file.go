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

// maxFileBytes limits the size of the configuration file.
const maxFileBytes = 1 << 20

// shape is the type of a TOML value.
type shape int

const (
	shapeTable shape = iota // a header, an inline table
	shapeString
	shapeBool
	shapeList  // of strings only
	shapeOther // numbers, dates, mixed lists, arrays of tables
)

// entry is one key or table of a file.
type entry struct {
	path   []string
	shape  shape
	texts  []string // one for shapeString and shapeBool, any number for shapeList
	offset int      // of the key's last part, in bytes
	kind   string   // for shapeOther: what it is, for an error
}

// document is a TOML file as a list of entries. It comes from the parser's AST, which has the positions for errors.
type document struct {
	file    string
	parser  unstable.Parser
	entries []entry         // in the file's order
	named   map[string]bool // the joined paths that have an entry
	err     *Error
}

// maxExpressions limits the keys and tables of a file: go-toml's check for redefinitions takes quadratic time.
const maxExpressions = 20_000

// parseFile parses a file. Its errors have a position.
func parseFile(file string, text []byte) (*document, error) {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, &Error{File: file, Message: "is UTF-16", Hint: "save it as UTF-8"}
	}
	d := &document{file: file, named: map[string]bool{}}
	d.parser.Reset(text)
	var table []string
	inArray := false
	for n := 0; d.err == nil && d.parser.NextExpression(); n++ {
		node := d.parser.Expression()
		switch {
		case n == maxExpressions:
			d.err = &Error{File: file, Message: fmt.Sprintf("more than %d keys and tables", maxExpressions)}
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
	if d.err == nil {
		d.err = d.check(text)
	}
	if d.err != nil {
		return nil, d.err
	}
	return d, nil
}

// check returns go-toml's first error: a syntax error, or a key or table that is defined twice.
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
	invalid := d.at(offset).errorf("", "%s", sanitize.Short(strings.TrimPrefix(wrong.Error(), "toml: "), 200))
	if len(wrong.Key()) > 0 {
		d.addPath(invalid, wrong.Key(), offset)
	} else if unquoted(lines[line-1]) {
		invalid.Hint = "a string needs quotes: region = \"us-east-1\""
	}
	return invalid
}

// addPath adds the key's whole path and the position of its last part to the error about a redefinition, because go-toml
// does not. It leaves an error about a key in an array of tables as it is.
func (d *document) addPath(invalid *Error, key []string, offset int) {
	for _, e := range d.entries {
		above := len(e.path) - len(key)
		if e.offset < offset || above < 0 || !slices.Equal(e.path[above:], key) || d.at(e.offset).line != invalid.Line {
			continue
		}
		invalid.Column = d.at(e.offset).column
		invalid.Message = fmt.Sprintf("%q: %s", strings.Join(e.path, "."), invalid.Message)
		break
	}
	isText := func(e entry) bool { return joinPath(e.path) == "profile" && e.shape == shapeString }
	if i := slices.IndexFunc(d.entries, isText); i >= 0 && key[0] == "profile" {
		invalid.Hint = fmt.Sprintf("write default_profile = %q", d.entries[i].texts[0])
	}
}

// unquoted reports whether the value in a line begins like a bare word. The hint does not quote it: it may be a secret.
func unquoted(line []byte) bool {
	_, value, _ := bytes.Cut(line, []byte("="))
	value = bytes.TrimSpace(value)
	return len(value) > 0 && !bytes.ContainsAny(value[:1], "\"'[{#")
}

// at converts an offset into a position. It reads the file from its start, so it is only called for the entries of the
// profile and for errors.
func (d *document) at(offset int) origin {
	before := d.parser.Data()[:offset]
	return origin{file: d.file, line: bytes.Count(before, []byte("\n")) + 1, column: offset - bytes.LastIndexByte(before, '\n')}
}

// keyValue adds the entries of a.b = value in a table.
func (d *document) keyValue(table []string, node *unstable.Node) {
	path, offsets := d.keyPath(table, node)
	value := node.Value()
	e := entry{path: path}
	e.read(value)
	d.add(e, offsets)
	if value.Kind == unstable.InlineTable {
		for children := value.Children(); children.Next() && d.err == nil; {
			d.keyValue(path, children.Node())
		}
	}
}

// add appends an entry, and before it entries for the tables that its key implies. An entry's offset is that of its path's
// last part.
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

// read copies a value out of the parser's memory.
func (e *entry) read(value *unstable.Node) {
	switch value.Kind {
	case unstable.InlineTable:
		e.shape = shapeTable
	case unstable.String:
		e.shape, e.texts = shapeString, []string{string(value.Data)}
	case unstable.Bool:
		e.shape, e.texts = shapeBool, []string{string(value.Data)}
	case unstable.Array:
		e.shape = shapeList
		for children := value.Children(); children.Next(); {
			if children.Node().Kind != unstable.String {
				e.shape, e.kind = shapeOther, "a list with values other than strings"
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

// maxDepth limits the parts of a key; the schema's longest has four.
const maxDepth = 16

// keyPath returns a node's key in a table, and the offset of each part of the key.
func (d *document) keyPath(table []string, node *unstable.Node) (path []string, offsets []int) {
	path, offsets = slices.Clone(table), make([]int, len(table))
	for parts := node.Key(); parts.Next() && d.err == nil; {
		path = append(path, string(parts.Node().Data))
		offsets = append(offsets, int(parts.Node().Raw.Offset))
		if len(path) > maxDepth {
			d.err = d.at(offsets[maxDepth]).errorf("", "nested more than %d deep", maxDepth)
		}
	}
	return path, offsets
}

// pathSeparator does not occur in a TOML key, except as an escape.
const pathSeparator = "\x00"

func joinPath(path []string) string { return strings.Join(path, pathSeparator) }
