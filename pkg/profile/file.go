package profile

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
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

// document is a TOML file, flattened. Only the parser's AST has the positions that messages need;
// what the AST does not check (that nothing is defined twice) is checked here.
type document struct {
	file    string
	parser  unstable.Parser
	entries []entry
	defined map[string]definition
	fault   *Error
}

// definition is how a path came to be, which decides what may still be added to it (TOML v1.0).
type definition int

const (
	definedValue  definition = iota + 1 // nothing may be added
	definedHeader                       // [a.b]: not again
	definedSuper                        // the a of [a.b]: [a] may follow
	definedDotted                       // the a of a.b = 1: further dotted keys may follow
)

// parseFile flattens a file. Syntax errors and double definitions carry their place.
func parseFile(file string, text []byte) (*document, error) {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return nil, &Error{File: file, Message: "is UTF-16", Hint: "save it as UTF-8"}
	}
	d := &document{file: file, defined: map[string]definition{}}
	d.parser.Reset(text)
	var table []string
	inArray := false
	for d.fault == nil && d.parser.NextExpression() {
		node := d.parser.Expression()
		switch {
		case node.Kind == unstable.Table:
			table, inArray = d.header(node), false
		case node.Kind == unstable.ArrayTable:
			d.arrayHeader(node)
			inArray = true
		case node.Kind == unstable.KeyValue && !inArray:
			d.keyValue(table, node)
		}
	}
	if d.fault != nil {
		return nil, d.fault
	}
	return d, d.syntaxError()
}

// syntaxError translates the parser's error, whose messages quote one character at most.
func (d *document) syntaxError() error {
	err := d.parser.Error()
	if err == nil {
		return nil
	}
	syntax, ok := errors.AsType[*unstable.ParserError](err)
	if !ok {
		return &Error{File: d.file, Message: "no TOML file"}
	}
	offset := cap(d.parser.Data()) - cap(syntax.Highlight)
	if offset < 0 || offset > len(d.parser.Data()) {
		offset = 0
	}
	fault := d.at(offset).fault("", "%s", syntax.Message)
	if d.unquoted(offset) {
		fault.Hint = "a text needs quotes: region = \"us-east-1\""
	}
	return fault
}

// unquoted reports whether the line at an offset gives its key a value that begins like a bare word. The
// value itself stays out of the hint: it may be a secret.
func (d *document) unquoted(offset int) bool {
	text := d.parser.Data()
	line, _, _ := bytes.Cut(text[bytes.LastIndexByte(text[:offset], '\n')+1:], []byte("\n"))
	_, value, _ := bytes.Cut(line, []byte("="))
	value = bytes.TrimSpace(value)
	return len(value) > 0 && !bytes.ContainsAny(value[:1], "\"'[{#")
}

// at turns an offset into a place. It reads the file from its start, so it is for the few entries
// that are used or wrong.
func (d *document) at(offset int) origin {
	before := d.parser.Data()[:offset]
	return origin{file: d.file, line: bytes.Count(before, []byte("\n")) + 1, column: offset - bytes.LastIndexByte(before, '\n')}
}

// header takes [a.b] and returns its path.
func (d *document) header(node *unstable.Node) []string {
	path, offsets := d.keyPath(nil, node)
	d.supers(path, offsets)
	full := joinPath(path)
	if d.defined[full] != 0 && d.defined[full] != definedSuper {
		d.twice(path, offsets)
	}
	d.defined[full] = definedHeader
	d.add(entry{path: path, shape: shapeTable}, offsets)
	return path
}

// supers defines the tables that a header implies.
func (d *document) supers(path []string, offsets []int) {
	for i := 1; i < len(path); i++ {
		switch super := joinPath(path[:i]); d.defined[super] {
		case 0:
			d.defined[super] = definedSuper
			d.add(entry{path: path[:i:i], shape: shapeTable}, offsets)
		case definedValue:
			d.twice(path[:i], offsets)
		}
	}
}

// arrayHeader takes [[a.b]]. The schema has no arrays of tables, so that what follows needs no look.
func (d *document) arrayHeader(node *unstable.Node) {
	path, offsets := d.keyPath(nil, node)
	d.supers(path, offsets)
	d.add(entry{path: path, shape: shapeOther, kind: "an array of tables"}, offsets)
}

// keyValue takes a.b = value within a table.
func (d *document) keyValue(table []string, node *unstable.Node) {
	path, offsets := d.keyPath(table, node)
	if d.fault != nil {
		return
	}
	for i := len(table) + 1; i < len(path); i++ {
		switch dotted := joinPath(path[:i]); d.defined[dotted] {
		case 0:
			d.defined[dotted] = definedDotted
			d.add(entry{path: path[:i:i], shape: shapeTable}, offsets)
		case definedDotted:
		default:
			d.twice(path[:i], offsets)
		}
	}
	value := node.Value()
	full := joinPath(path)
	if d.defined[full] != 0 {
		d.twice(path, offsets)
	}
	d.defined[full] = definedValue
	e := entry{path: path}
	e.read(value)
	d.add(e, offsets)
	if value.Kind == unstable.InlineTable {
		for children := value.Children(); children.Next(); {
			d.keyValue(path, children.Node())
		}
	}
}

// add appends an entry with the place of its path's last part.
func (d *document) add(e entry, offsets []int) {
	e.offset = offsets[len(e.path)-1]
	d.entries = append(d.entries, e)
}

func (d *document) twice(path []string, offsets []int) {
	if d.fault != nil {
		return
	}
	d.fault = d.at(offsets[len(path)-1]).fault("", "%q is defined twice", strings.Join(path, "."))
	for _, e := range d.entries {
		if len(path) == 1 && path[0] == "profile" && joinPath(e.path) == "profile" && e.shape == shapeText {
			d.fault.Hint = fmt.Sprintf("write default_profile = %q", e.texts[0])
		}
	}
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
