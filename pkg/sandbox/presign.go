package sandbox

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxPresigned is the longest lifetime of a presigned URL, in seconds: a week.
const maxPresigned = 7 * 24 * 60 * 60

// The reasons for refusing a presigned URL, besides those for any signed request.
var (
	errQueryParameters = errors.New("the parameters of the signature are incomplete")
	errTooFar          = errors.New("the URL is valid for more than a week")
	errNegative        = errors.New("the URL expires before it becomes valid")
	errURLExpired      = errors.New("the URL has expired")
	errURLEarly        = errors.New("the URL is not valid yet")
	errTwoSignatures   = errors.New("there are two signatures")
)

// presigning are the query parameters of a signature («Authenticating requests: using query parameters» in the S3 API
// reference). The session token is optional.
var presigning = []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
	"X-Amz-Signature", "X-Amz-Security-Token"}

func isPresigning(name string) bool { return slices.Contains(presigning, name) }

// isPresigned reports whether the signature is in the query.
func isPresigned(r *http.Request) bool { return r.URL.Query().Has("X-Amz-Algorithm") }

// parsePresigned parses the signature in a query.
func parsePresigned(query url.Values) (signature, error) {
	for _, name := range presigning[:6] {
		if query.Get(name) == "" {
			return signature{}, errQueryParameters
		}
	}
	lasts, err := strconv.Atoi(query.Get("X-Amz-Expires"))
	scope := strings.Split(query.Get("X-Amz-Credential"), "/")
	switch {
	case err != nil, query.Get("X-Amz-Algorithm") != sigV4Algorithm, len(scope) != 5, len(scope) == 5 && scope[4] != "aws4_request":
		return signature{}, errQueryParameters
	case lasts < 0:
		return signature{}, errNegative
	case lasts > maxPresigned:
		return signature{}, errTooFar
	}
	return signature{accessKeyID: scope[0], day: scope[1], region: scope[2], service: scope[3],
		signedHeaders: strings.Split(query.Get("X-Amz-SignedHeaders"), ";"), value: query.Get("X-Amz-Signature"),
		time: query.Get("X-Amz-Date"), token: query.Get("X-Amz-Security-Token"),
		presigned: true, lasts: time.Duration(lasts) * time.Second}, nil
}

// faultOfTime checks the time of a signature: a request is valid for 15 minutes before and after it, a URL for as
// long as it says.
func (s signature) faultOfTime(now time.Time) error {
	age := now.Sub(s.at)
	switch {
	case s.presigned && age > s.lasts:
		return errURLExpired
	case s.presigned && age < -maxClockSkew:
		return errURLEarly
	case !s.presigned && age.Abs() > maxClockSkew:
		return errSkewed
	}
	return nil
}

// unsigned returns the query without the signature. The signature covers the rest.
func unsigned(query url.Values) url.Values {
	for _, name := range presigning {
		query.Del(name)
	}
	return query
}
