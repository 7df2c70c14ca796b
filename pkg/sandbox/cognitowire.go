package sandbox

import (
	"encoding/json"
	"net/http"
)

// cognitoJSON is the input of every operation.
type cognitoJSON struct {
	IdentityPoolID string `json:"IdentityPoolId"`
	AccountID      string `json:"AccountId"`
	IdentityID     string `json:"IdentityId"`
	CustomRoleARN  string `json:"CustomRoleArn"`
	Logins         map[string]string
	LoginsToRemove []string
}

// identityJSON is the response of GetId and GetOpenIdToken.
type identityJSON struct {
	IdentityID string `json:"IdentityId"`
	Token      string `json:",omitempty"`
}

// cognitoCredentialsJSON is the response of GetCredentialsForIdentity. Unlike STS it has SecretKey, and Expiration is
// in seconds with a fraction.
type cognitoCredentialsJSON struct {
	IdentityID  string `json:"IdentityId"`
	Credentials struct {
		AccessKeyID  string `json:"AccessKeyId"`
		SecretKey    string
		SessionToken string
		Expiration   float64
	}
}

func cognitoCredentialsOf(s Session) cognitoCredentialsJSON {
	answer := cognitoCredentialsJSON{IdentityID: s.IdentityID}
	answer.Credentials.AccessKeyID = s.AccessKeyID
	answer.Credentials.SecretKey = s.SecretAccessKey.Reveal()
	answer.Credentials.SessionToken = s.SessionToken.Reveal()
	answer.Credentials.Expiration = float64(s.Expiration.UnixMilli()) / 1000
	return answer
}

// awsErrorJSON is an error response in JSON 1.1.
type awsErrorJSON struct {
	Type    string `json:"__type"`
	Message string `json:"message,omitempty"`
}

func refuseCognito(w http.ResponseWriter, err *awsError) {
	logCode(w, err.Code)
	w.Header().Set("X-Amzn-Errortype", err.Code)
	writeAWSJSON(w, err.Status, awsErrorJSON{err.Code, err.Message})
}

func writeAWSJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}
