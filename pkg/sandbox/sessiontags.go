package sandbox

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/daypass/daypass/pkg/policy"
)

// The limits of session tags and source identities (API model of STS; IAM user guide, id_session-tags).
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

var (
	tagPattern            = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
	sourceIdentityPattern = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
)

// sessionTags are the tags of a session, and the keys of those that are passed on in role chaining.
type sessionTags struct {
	values     map[string]string
	transitive []string
}

// describe sets the condition keys of the requested tags for trust policies.
func (t sessionTags) describe(context policy.Context) {
	if len(t.values) == 0 {
		return
	}
	for key, value := range t.values {
		context.Set("aws:RequestTag/"+key, value)
	}
	context.Set("aws:TagKeys", slices.Sorted(maps.Keys(t.values))...)
	if len(t.transitive) > 0 {
		context.Set("sts:TransitiveTagKeys", t.transitive...)
	}
}

// over adds the tags to inherited ones. Keys are compared ignoring case, as in IAM.
func (t sessionTags) over(inherited sessionTags) sessionTags {
	sum := sessionTags{values: maps.Clone(inherited.values), transitive: slices.Clone(inherited.transitive)}
	if sum.values == nil {
		sum.values = map[string]string{}
	}
	maps.Copy(sum.values, t.values)
	for _, key := range t.transitive {
		if !slices.Contains(sum.transitive, key) {
			sum.transitive = append(sum.transitive, key)
		}
	}
	return sum
}

// has reports whether there is such a key, ignoring case.
func (t sessionTags) has(key string) bool {
	for known := range t.values {
		if strings.EqualFold(known, key) {
			return true
		}
	}
	return false
}

// fault says what is wrong with tags in a token's claims.
func (t sessionTags) fault() error {
	if len(t.values) > maxTags {
		return awsClaimsError(fmt.Sprintf("There are more than %d session tags.", maxTags))
	}
	seen := map[string]bool{}
	for key, value := range t.values {
		switch {
		case seen[strings.ToLower(key)]:
			return awsClaimsError("Two session tags have keys that differ in case alone.")
		case key == "" || len([]rune(key)) > maxTagKey || len([]rune(value)) > maxTagValue:
			return awsClaimsError(fmt.Sprintf("The session tag %q is too long.", key))
		case !tagPattern.MatchString(key), !tagPattern.MatchString(value):
			return awsClaimsError(fmt.Sprintf("The session tag %q has a character that no tag has.", key))
		}
		seen[strings.ToLower(key)] = true
	}
	for _, key := range t.transitive {
		if !t.has(key) {
			return awsClaimsError("A transitive tag key is not among the tags.")
		}
	}
	return nil
}

// tagsOfForm parses AssumeRole's Tags and TransitiveTagKeys.
func tagsOfForm(form url.Values, faults *constraints) (sessionTags, *awsError) {
	tags := sessionTags{values: map[string]string{}}
	for i := 1; form.Has(fmt.Sprintf("Tags.member.%d.Key", i)); i++ {
		member := fmt.Sprintf("Tags.member.%d.", i)
		key := faults.text(form, member+"Key", true, 1, maxTagKey, tagPattern)
		value := faults.text(form, member+"Value", true, 0, maxTagValue, tagPattern)
		if tags.has(key) {
			return tags, invalidParameter("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		if tags.values[key] = value; i > maxTags {
			faults.add("tags", fmt.Sprintf("Member must have length less than or equal to %d", maxTags))
			break
		}
	}
	for i := 1; form.Has(fmt.Sprintf("TransitiveTagKeys.member.%d", i)); i++ {
		key := form.Get(fmt.Sprintf("TransitiveTagKeys.member.%d", i))
		if !tags.has(key) {
			return tags, invalidParameter("The specified transitive tag key must be included in the requested tags.")
		}
		tags.transitive = append(tags.transitive, key)
	}
	return tags, nil
}

func invalidParameter(message string) *awsError {
	return &awsError{http.StatusBadRequest, "InvalidParameterValue", message}
}
