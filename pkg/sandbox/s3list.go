package sandbox

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf8"
)

// continued returns the query of a listing's next page. Storage marks the end of a page by the last key it read. If
// that key has a common prefix, the next page would list the prefix again.
func continued(query url.Values) url.Values {
	delimiter, prefix := query.Get("delimiter"), query.Get("prefix")
	if delimiter == "" {
		return query
	}
	past := func(marker string) string {
		rest, under := strings.CutPrefix(marker, prefix)
		if name, _, in := strings.Cut(rest, delimiter); under && in {
			return prefix + name + delimiter + string(utf8.MaxRune) // after all of its keys
		}
		return marker
	}
	if token, err := base64.URLEncoding.DecodeString(query.Get("continuation-token")); err == nil && len(token) > 0 {
		query.Set("continuation-token", base64.URLEncoding.EncodeToString([]byte(past(string(token)))))
	}
	if marker := query.Get("marker"); marker != "" {
		query.Set("marker", past(marker))
	}
	return query
}
