package profile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/daypass/daypass/pkg/internal/sanitize"
)

// config is the content of a file: only known keys, with values of the right type.
type config struct {
	doc            *document
	defaultProfile *entry // nil if the file has none
	logins         map[string]*section
	profiles       map[string]*section
	exposed        *ExposedError // nil if no other user can change the file
}

// section is one [login.NAME] or [profile.NAME].
type section struct {
	offset int
	values map[string]*entry // by Key.Path
}

// schema has the keys and tables of a profile by their path.
type schema struct {
	all    []Key
	keys   map[string]Key // those of a profile
	tables map[string]bool
}

func newSchema() schema {
	s := schema{keys(), map[string]Key{}, map[string]bool{}}
	for _, k := range s.all {
		if !k.inProfile() {
			continue
		}
		s.keys[k.Path] = k
		if table, _, ok := strings.Cut(k.Path, "."); ok {
			s.tables[table] = true
		}
	}
	return s
}

// under returns the names that are allowed in a table; "" is the profile itself.
func (s schema) under(table string) []string {
	var names []string
	for path := range s.keys {
		if rest, ok := strings.CutPrefix(path, table+"."); ok && table != "" {
			names = append(names, rest)
		} else if table == "" && !strings.Contains(path, ".") {
			names = append(names, path)
		}
	}
	if table == "" {
		names = slices.AppendSeq(names, maps.Keys(s.tables))
	}
	slices.Sort(names)
	return names
}

// readDocument returns the document's entries by profile and login. It refuses what the schema does not have.
func (s schema) readDocument(doc *document) (*config, error) {
	c := &config{doc: doc, logins: map[string]*section{}, profiles: map[string]*section{}}
	var errs []*Error
	for i := range doc.entries {
		e := &doc.entries[i]
		if f := c.take(s, e); f != nil {
			f.File = doc.file
			o := doc.at(e.offset)
			f.Line, f.Column = o.line, o.column
			errs = append(errs, f)
		}
		if len(errs) == maxErrors {
			break
		}
	}
	return c, join(errs)
}

// take adds one entry. Its errors have no position.
func (c *config) take(s schema, e *entry) *Error {
	var sections map[string]*section
	within := ""
	switch e.path[0] {
	case "profile":
		sections = c.profiles
	case "login":
		sections, within = c.logins, "login"
	case "default_profile":
		return c.takeDefault(e)
	default:
		if len(e.path) > 1 {
			return nil // its table was refused
		}
		return unknownTop(e)
	}
	if len(e.path) == 1 {
		return c.takeTop(e)
	}
	name := e.path[1]
	if f := checkName(e.path[0], name); f != nil {
		return f
	}
	if len(e.path) == 2 && e.shape != shapeTable {
		invalid := e.wrongType(strings.Join(e.path, "."), "a table")
		invalid.Hint = "write " + header(e.path...)
		return invalid
	}
	if sections[name] == nil {
		sections[name] = &section{offset: e.offset, values: map[string]*entry{}}
	}
	if len(e.path) == 2 {
		return nil
	}
	return sections[name].take(s, e, within)
}

// takeDefault adds the default profile's name.
func (c *config) takeDefault(e *entry) *Error {
	if len(e.path) > 1 || e.shape != shapeString {
		return e.wrongType("default_profile", "a profile's name")
	}
	c.defaultProfile = e
	return nil
}

// takeTop checks [profile] and [login] themselves, which contain only tables.
func (c *config) takeTop(e *entry) *Error {
	if e.shape == shapeTable {
		return nil
	}
	invalid := e.wrongType(e.path[0], "a table such as ["+e.path[0]+".NAME]")
	if e.path[0] == "profile" {
		invalid.Hint = "write default_profile = \"NAME\" for the default profile"
	}
	return invalid
}

// take adds a key of a profile or a login to its section. Within is "login" for a shared login, which has the same keys as
// a profile's login.
func (s *section) take(known schema, e *entry, within string) *Error {
	rest := e.path[2:]
	if within != "" {
		rest = append([]string{within}, rest...)
	}
	table, full := strings.Join(rest[:len(rest)-1], "."), strings.Join(rest, ".")
	key, isKey := known.keys[full]
	switch {
	case len(rest) > 2 || table != "" && !known.tables[table]:
		return nil // its table was refused
	case known.tables[full]:
		if e.shape != shapeTable {
			return e.wrongType(full, "a table")
		}
		return nil
	case !isKey:
		return unknown(full, table, known.under(table))
	}
	if want, ok := e.fits(key); !ok {
		return e.wrongType(full, want)
	}
	s.values[full] = e
	return nil
}

// fits reports whether the entry has the key's type, and returns that type for an error.
func (e *entry) fits(key Key) (want string, ok bool) {
	switch key.Kind {
	case KindBool:
		return "true or false", e.shape == shapeBool
	case KindList:
		if key.orString && e.shape == shapeString {
			return "", true
		}
		return `a list of strings, such as ["…"]`, e.shape == shapeList
	case KindDuration:
		return `a string such as "1h"`, e.shape == shapeString
	default:
		return "a string", e.shape == shapeString
	}
}

// wrongType does not quote the value: it may be a secret.
func (e *entry) wrongType(key, want string) *Error {
	is := map[shape]string{shapeTable: "a table", shapeString: "a string", shapeBool: "a boolean",
		shapeList: "a list", shapeOther: e.kind}[e.shape]
	return &Error{Key: key, Message: fmt.Sprintf("is %s, not %s", is, want)}
}

// unknown returns the error for a key that a table does not have; "" is the profile or the top of the file.
func unknown(full, table string, known []string) *Error {
	name := strings.TrimPrefix(full, table+".")
	if notYet(full) {
		return &Error{Key: full, Message: "not supported by this version of daypass"}
	}
	return &Error{Message: fmt.Sprintf("unknown key %q%s", full, didYouMean(name, known)),
		Hint: "known here: " + strings.Join(known, ", ")}
}

// unknownTop returns the error for a key at the top of the file: most likely a profile's name without «profile.».
func unknownTop(e *entry) *Error {
	invalid := unknown(e.path[0], "", []string{"default_profile", "login", "profile"})
	if e.shape == shapeTable && !notYet(e.path[0]) && !strings.Contains(invalid.Message, "did you mean") {
		invalid.Message += "; did you mean " + header("profile", e.path[0]) + "?"
	}
	return invalid
}

// header returns a table's header; it quotes names that are not bare keys (TOML v1.0, "Keys").
func header(path ...string) string {
	var parts []string
	for _, part := range path {
		if part == "" || !only(strings.ToLower(part), "_-") {
			part = strconv.Quote(part)
		}
		parts = append(parts, part)
	}
	return "[" + strings.Join(parts, ".") + "]"
}

// checkName refuses names that cannot be used on a command line or in messages.
func checkName(table, name string) *Error {
	if name == "" || len(name) > 128 || !sanitize.IsClean(name) {
		return &Error{Message: fmt.Sprintf("[%s.%q] is not a valid name", table, name)}
	}
	return nil
}
