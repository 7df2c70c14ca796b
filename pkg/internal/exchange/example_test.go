package exchange_test

import (
	"context"
	"fmt"

	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/internal/awsclient"
	"github.com/daypass/daypass/pkg/internal/exchange"
)

func ExampleSTS_Exchange() {
	var proof identity.Proof // from a sign-in
	sts := &exchange.STS{
		RoleARN: "arn:aws:iam::111122223333:role/PhotoUploader",
		AWS:     exchange.AWS{Options: awsclient.Options{Region: "us-east-1"}},
	}
	_, err := sts.Exchange(context.Background(), proof)
	fmt.Println(err)
	// Output: assuming role arn:aws:iam::111122223333:role/PhotoUploader: naming the session: the token has neither email nor sub
}
