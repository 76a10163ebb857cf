# Tables that no default was chosen by, of R's packages mlbench, kernlab and dslabs, one class of each as the anomalies.
# Usage: Rscript holdout.R FOLDER
# Writes NAME.csv.gz: numbers, and a last column `label`, 1 for anomalies. Classes that are no minority are thinned out.
# Prints the packages' versions as JSON.

suppressWarnings(versions <- sapply(c("mlbench", "kernlab", "dslabs"), function(name) as.character(packageVersion(name))))
folder <- commandArgs(trailingOnly = TRUE)
if (length(folder) != 1) stop("usage: Rscript holdout.R FOLDER")
set.seed(2016)

from <- function(name, package) {
  loaded <- new.env()
  data(list = name, package = package, envir = loaded)
  get(name, envir = loaded)
}

# `most`: anomalies that are kept, drawn at random; all unless it is given.
write_table <- function(name, x, anomalous, most = sum(anomalous)) {
  rows <- sort(c(which(!anomalous), sample(which(anomalous), most)))
  rows <- sample(rows)
  table <- data.frame(lapply(as.data.frame(x), as.numeric), label = as.integer(anomalous))[rows, ]
  write.csv(table, gzfile(file.path(folder, paste0(name, ".csv.gz"))), row.names = FALSE, quote = FALSE)
}
numeric_columns <- function(data) data[, sapply(data, is.numeric)]

glass <- from("Glass", "mlbench")
write_table("glass", glass[, -10], glass$Type == 6)
pima <- from("PimaIndiansDiabetes", "mlbench")
write_table("pima", pima[, -9], pima$diabetes == "pos")
sonar <- from("Sonar", "mlbench")
write_table("sonar", sonar[, -61], sonar$Class == "M", 20)
vehicle <- from("Vehicle", "mlbench")
write_table("vehicle_van", vehicle[, -19], vehicle$Class == "van", 40)
write_table("vehicle_bus", vehicle[, -19], vehicle$Class == "bus", 40)
vowel <- from("Vowel", "mlbench")
write_table("vowel", vowel[, 2:10], vowel$Class == "hid", 30)
dna <- from("DNA", "mlbench")
bases <- sapply(dna[, -181], function(column) as.integer(column) - 1)
write_table("dna", bases[dna$Class != "ie", ], (dna$Class == "ei")[dna$Class != "ie"], 100)
spam <- from("spam", "kernlab")
write_table("spam", spam[, -58], spam$type == "spam")
insured <- from("ticdata", "kernlab")
write_table("insured", numeric_columns(insured), insured$CARAVAN == "insurance")
cells <- from("brca", "dslabs")
write_table("cells", cells$x, cells$y == "M", 10)
olive <- from("olive", "dslabs")
write_table("olive", numeric_columns(olive), olive$region == "Sardinia", 20)
tissue <- from("tissue_gene_expression", "dslabs")
write_table("tissue", tissue$x, tissue$y == "placenta")

cat(sprintf("{%s}\n", paste(sprintf('"%s":"%s"', names(versions), versions), collapse = ",")))
