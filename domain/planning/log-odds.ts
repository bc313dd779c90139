/** The variance of log-odds that the probit approximation of the logistic spreads a mean by. */
export const SPREAD = 0.346;

export const logit = (p: number) => Math.log(p / (1 - p));
