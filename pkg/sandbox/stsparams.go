package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// webIdentityRequest is the validated input of AssumeRoleWithWebIdentity.
type webIdentityRequest struct {
	sessionRequest
	token      string
	providerID string
}

var (
	sessionNamePattern = regexp.MustCompile(`^[\w+=,.@-]*$`)
	policyPattern      = regexp.MustCompile(`^[\t\n\r\x20-\x{FF}]+$`)
)

// webIdentityRequestOf parses the form; its limits are those of the API model.
func (s *STS) webIdentityRequestOf(form url.Values) (webIdentityRequest, *awsError) {
	var faults constraints
	in := webIdentityRequest{
		sessionRequest: sessionRequestOf(form, &faults),
		token:          faults.text(form, "WebIdentityToken", true, 4, 20000, nil),
		providerID:     faults.text(form, "ProviderId", false, 4, 2048, nil),
	}
	if err := faults.err(); err != nil {
		return in, err
	}
	return in, s.readSessionPolicies(&in.sessionRequest, form)
}

// sessionRequestOf parses the parameters that all actions have in common. The session policies are parsed later.
func sessionRequestOf(form url.Values, faults *constraints) sessionRequest {
	duration := faults.number(form, "DurationSeconds", 900, 43200)
	if duration == 0 {
		duration = 3600
	}
	faults.text(form, "Policy", false, 1, maxSessionPolicies, policyPattern)
	for i := 1; form.Has(policyARN(i)); i++ {
		if faults.text(form, policyARN(i), true, 20, 2048, nil); i > maxPolicyARNs {
			faults.add("policyArns", fmt.Sprintf("Member must have length less than or equal to %d", maxPolicyARNs))
			break
		}
	}
	return sessionRequest{
		roleARN:     faults.text(form, "RoleArn", true, 20, 2048, nil),
		sessionName: faults.text(form, "RoleSessionName", true, 2, 64, sessionNamePattern),
		duration:    time.Duration(duration) * time.Second,
		minToken:    faults.number(form, "MinimumSessionTokenSize", 0, 4096),
	}
}

// constraints collects what is wrong with a request. AWS lists all of it in one ValidationError.
type constraints []string

func (c *constraints) add(name, constraint string) {
	*c = append(*c, fmt.Sprintf("Value at '%s' failed to satisfy constraint: %s", lowerFirst(name), constraint))
}

// addValue also quotes the value, as AWS does except for the token and the policy.
func (c *constraints) addValue(name, value, constraint string) {
	if name == "WebIdentityToken" || name == "Policy" {
		c.add(name, constraint)
		return
	}
	*c = append(*c, fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: %s", value, lowerFirst(name), constraint))
}

func (c *constraints) text(form url.Values, name string, required bool, low, high int, pattern *regexp.Regexp) string {
	value := form.Get(name)
	switch {
	case !form.Has(name) && required:
		*c = append(*c, fmt.Sprintf("Value null at '%s' failed to satisfy constraint: Member must not be null", lowerFirst(name)))
		return ""
	case !form.Has(name):
		return ""
	case len(value) < low:
		c.addValue(name, value, fmt.Sprintf("Member must have length greater than or equal to %d", low))
	case len(value) > high:
		c.addValue(name, value, fmt.Sprintf("Member must have length less than or equal to %d", high))
	}
	if pattern != nil && !pattern.MatchString(value) {
		c.addValue(name, value, "Member must satisfy regular expression pattern: "+strings.Trim(pattern.String(), "^$"))
	}
	return value
}

// number parses an optional whole number; 0 if it is missing.
func (c *constraints) number(form url.Values, name string, low, high int) int {
	if !form.Has(name) {
		return 0
	}
	value, err := strconv.Atoi(form.Get(name))
	switch {
	case err != nil:
		c.addValue(name, form.Get(name), "Member must be a whole number")
	case value < low:
		c.addValue(name, form.Get(name), fmt.Sprintf("Member must have value greater than or equal to %d", low))
	case value > high:
		c.addValue(name, form.Get(name), fmt.Sprintf("Member must have value less than or equal to %d", high))
	}
	return value
}

func (c constraints) err() *awsError {
	switch len(c) {
	case 0:
		return nil
	case 1:
		return validationError("1 validation error detected: " + c[0])
	}
	return validationError(fmt.Sprintf("%d validation errors detected: %s", len(c), strings.Join(c, "; ")))
}

func validationError(message string) *awsError {
	return &awsError{http.StatusBadRequest, "ValidationError", message}
}

func lowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }
