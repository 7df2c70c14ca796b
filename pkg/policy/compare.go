package policy

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode"
)

func equal(want pattern, got string) bool { return slices.Equal(want, runes(got)) }

func like(want pattern, got string) bool { return want.match(runes(got)) }

func equalFold(want pattern, got string) bool {
	return slices.EqualFunc(want, runes(got), func(a, b rune) bool {
		return a == b || unicode.ToLower(unicode.ToUpper(a)) == unicode.ToLower(unicode.ToUpper(b))
	})
}

// arnFields is the number of fields of an ARN: arn:partition:service:region:account:resource.
const arnFields = 6

// likeARN compares the six fields one by one, so a wildcard before the resource never matches a colon. A string with
// fewer fields matches nothing (assumed).
func likeARN(want pattern, got string) bool {
	wants, gots := fields(want), fields(runes(got))
	if len(wants) != arnFields || len(gots) != arnFields {
		return false
	}
	for i := range wants {
		if !pattern(wants[i]).match(gots[i]) {
			return false
		}
	}
	return true
}

func fields(text []rune) [][]rune {
	var out [][]rune
	for len(out) < arnFields-1 {
		colon := slices.Index(text, ':')
		if colon < 0 {
			break
		}
		out, text = append(out, text[:colon]), text[colon+1:]
	}
	return append(out, text)
}

// isBool accepts "True" too, which tools that print Python's booleans write (assumed).
func isBool(want string) bool {
	return strings.EqualFold(want, "true") || strings.EqualFold(want, "false")
}

func isBase64(want string) bool {
	_, err := base64.StdEncoding.DecodeString(want)
	return err == nil
}

// equalBinary compares the policy's Base64 with the request's raw bytes.
func equalBinary(want pattern, got string) bool {
	bytes, err := base64.StdEncoding.DecodeString(string(want))
	return err == nil && string(bytes) == got
}
